//! Reads a TensorFlow.js graph model: the nodes in `model.json`, the weights in shards beside it.

use std::collections::HashMap;

use serde::Deserialize;

/// A graph with its constants.
#[derive(Debug)]
pub(crate) struct Graph {
    /// Every node that is not a constant, by name.
    pub nodes: HashMap<String, Node>,
    /// Every constant, by name.
    pub constants: HashMap<String, Constant>,
}

/// An operation.
#[derive(Debug, Deserialize)]
pub(crate) struct Node {
    /// Its name, which is also that of its first output.
    pub name: String,
    /// What it does, as TensorFlow calls it.
    pub op: String,
    /// The names of what it reads.
    #[serde(default)]
    pub input: Vec<String>,
    #[serde(default)]
    attr: HashMap<String, Attribute>,
}

/// The kinds of attributes that are read here.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Attribute {
    /// A text, as bytes.
    s: Option<Vec<u8>>,
    f: Option<f32>,
    list: Option<Integers>,
}

/// A list of integers, written as texts.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Integers {
    i: Vec<String>,
}

impl Node {
    /// An attribute that is a text.
    pub fn text(&self, name: &str) -> Option<&[u8]> {
        self.attr.get(name)?.s.as_deref()
    }

    /// An attribute that is a number.
    pub fn number(&self, name: &str) -> Option<f32> {
        self.attr.get(name)?.f
    }

    /// An attribute that is a list of integers.
    pub fn integers(&self, name: &str) -> Option<Vec<i64>> {
        self.attr.get(name)?.list.as_ref()?.i.iter().map(|text| text.parse().ok()).collect()
    }
}

/// A constant with its shape, row-major.
#[derive(Clone, Debug)]
pub(crate) struct Constant {
    /// Its dimensions; empty for a single number.
    pub shape: Vec<usize>,
    /// Its values.
    pub values: Values,
}

/// What a constant consists of.
#[derive(Clone, Debug)]
pub(crate) enum Values {
    /// `float32`
    Floats(Vec<f32>),
    /// `int32`
    Integers(Vec<i32>),
}

impl Constant {
    /// Its values, where they are floats.
    pub fn floats(&self) -> Option<&[f32]> {
        match &self.values {
            Values::Floats(values) => Some(values),
            Values::Integers(_) => None,
        }
    }

    /// Its only value, where it is a single integer.
    pub fn integer(&self) -> Option<i64> {
        match &self.values {
            Values::Integers(values) => values.first().filter(|_| values.len() == 1).map(|value| i64::from(*value)),
            Values::Floats(_) => None,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Json {
    model_topology: Topology,
    weights_manifest: Vec<Manifest>,
}

#[derive(Deserialize)]
struct Topology {
    node: Vec<Node>,
}

#[derive(Deserialize)]
struct Manifest {
    weights: Vec<Weight>,
}

#[derive(Deserialize)]
struct Weight {
    name: String,
    shape: Vec<usize>,
    dtype: String,
    quantization: Option<serde_json::Value>,
}

impl Graph {
    /// `json` is `model.json`, `weights` all its shards joined in order.
    ///
    /// # Errors
    ///
    /// Says what in them cannot be read.
    pub fn read(json: &[u8], weights: &[u8]) -> Result<Self, String> {
        let json: Json = serde_json::from_slice(json).map_err(|error| format!("model.json: {error}"))?;
        let (numbers, rest) = weights.as_chunks::<4>();
        if !rest.is_empty() {
            return Err("the weights are not whole numbers of 4 bytes".to_owned());
        }
        let mut numbers = numbers.iter();
        let mut constants = HashMap::new();
        for weight in json.weights_manifest.into_iter().flat_map(|manifest| manifest.weights) {
            let count = weight.shape.iter().product();
            let values = match weight.dtype.as_str() {
                _ if weight.quantization.is_some() => return Err(format!("{} is quantised", weight.name)),
                "float32" => {
                    Values::Floats(numbers.by_ref().take(count).map(|bytes| f32::from_le_bytes(*bytes)).collect())
                }
                "int32" => {
                    Values::Integers(numbers.by_ref().take(count).map(|bytes| i32::from_le_bytes(*bytes)).collect())
                }
                other => return Err(format!("{} has values of type {other}", weight.name)),
            };
            let found = match &values {
                Values::Floats(values) => values.len(),
                Values::Integers(values) => values.len(),
            };
            if found != count {
                return Err(format!("the weights end before {} does", weight.name));
            }
            constants.insert(weight.name, Constant { shape: weight.shape, values });
        }
        let nodes = json.model_topology.node.into_iter().filter(|node| node.op != "Const");
        Ok(Self { nodes: nodes.map(|node| (node.name.clone(), node)).collect(), constants })
    }

    /// A constant of floats.
    ///
    /// # Errors
    ///
    /// Where there is none of that name.
    pub fn floats(&self, name: &str) -> Result<(&[usize], &[f32]), String> {
        let constant = self.constants.get(name).ok_or_else(|| format!("{name} is not a constant"))?;
        let values = constant.floats().ok_or_else(|| format!("{name} is not made of floats"))?;
        Ok((&constant.shape, values))
    }
}
