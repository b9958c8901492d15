//! Reads a TensorFlow.js graph model: its nodes from `model.json`, its weights from the shard files.

use std::collections::HashMap;

use serde::Deserialize;

/// A graph with its constants.
#[derive(Debug)]
pub(crate) struct Graph {
    /// The nodes that are not constants, by name.
    pub nodes: HashMap<String, Node>,
    /// The constants, by name.
    pub constants: HashMap<String, Constant>,
}

/// An operation.
#[derive(Debug, Deserialize)]
pub(crate) struct Node {
    /// The node's name, which is also the name of its first output.
    pub name: String,
    /// The operation, as TensorFlow names it.
    pub op: String,
    /// The names of the inputs.
    #[serde(default)]
    pub input: Vec<String>,
    #[serde(default)]
    attr: HashMap<String, Attribute>,
}

/// The value of an attribute, of the types that are needed here.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Attribute {
    /// A string, as bytes.
    s: Option<Vec<u8>>,
    f: Option<f32>,
    list: Option<Integers>,
}

/// A list of integers, written as strings.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Integers {
    i: Vec<String>,
}

impl Node {
    /// The attribute of this name; `None` if there is none or it is not a string.
    pub fn text(&self, name: &str) -> Option<&[u8]> {
        self.attr.get(name)?.s.as_deref()
    }

    /// The attribute of this name; `None` if there is none or it is not a number.
    pub fn number(&self, name: &str) -> Option<f32> {
        self.attr.get(name)?.f
    }

    /// The attribute of this name; `None` if there is none or it is not a list of integers.
    pub fn integers(&self, name: &str) -> Option<Vec<i64>> {
        self.attr.get(name)?.list.as_ref()?.i.iter().map(|text| text.parse().ok()).collect()
    }
}

/// A constant tensor.
#[derive(Clone, Debug)]
pub(crate) struct Constant {
    /// The dimensions; empty for a single number.
    pub shape: Vec<usize>,
    /// The values in row-major order.
    pub values: Values,
}

/// The values of a constant.
#[derive(Clone, Debug)]
pub(crate) enum Values {
    /// `float32`
    Floats(Vec<f32>),
    /// `int32`
    Integers(Vec<i32>),
}

impl Constant {
    /// The values; `None` if they are not floats.
    pub fn floats(&self) -> Option<&[f32]> {
        match &self.values {
            Values::Floats(values) => Some(values),
            Values::Integers(_) => None,
        }
    }

    /// The only value; `None` if the constant is not a single integer.
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
    /// Reads a graph. `json` is the content of `model.json`, `weights` that of all shards, joined in order.
    ///
    /// # Errors
    ///
    /// Says what cannot be read.
    pub fn read(json: &[u8], weights: &[u8]) -> Result<Self, String> {
        let json: Json = serde_json::from_slice(json).map_err(|error| format!("model.json: {error}"))?;
        let (numbers, rest) = weights.as_chunks::<4>();
        if !rest.is_empty() {
            return Err("the length of the weights is not a multiple of 4 bytes".to_owned());
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

    /// The shape and values of a constant of floats.
    ///
    /// # Errors
    ///
    /// Fails if there is no constant of this name or its values are not floats.
    pub fn floats(&self, name: &str) -> Result<(&[usize], &[f32]), String> {
        let constant = self.constants.get(name).ok_or_else(|| format!("{name} is not a constant"))?;
        let values = constant.floats().ok_or_else(|| format!("{name} is not made of floats"))?;
        Ok((&constant.shape, values))
    }
}
