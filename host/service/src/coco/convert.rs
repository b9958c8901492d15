//! Converts a part of a TensorFlow.js graph to an ONNX model, for the operations of SSD networks.
//!
//! TensorFlow lays images out as N × H × W × C, ONNX as N × C × H × W. The converted model uses N × C × H × W from its input on. Before
//! a reshape, whose result depends on the layout, it transposes the image back to N × H × W × C.

use std::cell::RefCell;
use std::collections::HashSet;

use rten_onnx::onnx::{
    AttributeProto, AttributeType, DataType, Dimension, GraphProto, ModelProto, NodeProto, OperatorSetIdProto,
    TensorProto, TensorShapeProto, TypeProto, TypeProtoTensor, ValueInfoProto,
};

use super::graph::{Graph, Node};

/// Returns the bytes of an ONNX model that computes `outputs` from `input`. The input is an image of `shape` (N, C, H, W); it replaces
/// the node of that name and all nodes before it.
///
/// # Errors
///
/// Names the node that cannot be converted, and says why.
pub(crate) fn convert(graph: &Graph, input: &str, shape: [usize; 4], outputs: &[&str]) -> Result<Vec<u8>, String> {
    let mut converter = Converter { graph, converted: HashSet::from([input.to_owned()]), onnx: GraphProto::default() };
    converter.onnx.input.push(value(input, Some(&shape)));
    converter.constant("relu6/min", &[], &[0.0]);
    converter.constant("relu6/max", &[], &[6.0]);
    for output in outputs {
        converter.convert(output)?;
        converter.onnx.output.push(value(output, None));
    }
    let model = ModelProto {
        ir_version: Some(7),
        opset_import: vec![OperatorSetIdProto { domain: None, version: Some(13) }],
        graph: Some(converter.onnx),
        ..ModelProto::default()
    };
    model.write_buf().map_err(|error| error.to_string())
}

struct Converter<'a> {
    graph: &'a Graph,
    /// The names of the values that the ONNX model has already.
    converted: HashSet<String>,
    onnx: GraphProto,
}

impl Converter<'_> {
    /// Adds the value of this name to the ONNX model, after the values that it is computed from.
    fn convert(&mut self, name: &str) -> Result<(), String> {
        if self.converted.contains(name) {
            return Ok(());
        }
        let graph = self.graph;
        let node = graph.nodes.get(name).ok_or_else(|| format!("there is no node {name}"))?;
        self.node(node)
            .map_err(|error| if error.contains(name) { error } else { format!("{name} ({}): {error}", node.op) })?;
        self.converted.insert(name.to_owned());
        Ok(())
    }

    fn node(&mut self, node: &Node) -> Result<(), String> {
        let inputs: Vec<&str> = node.input.iter().map(String::as_str).collect();
        match (node.op.as_str(), inputs.as_slice()) {
            ("Conv2D", [image, weights]) => self.convolution(node, image, weights, false),
            ("DepthwiseConv2dNative", [image, weights]) => self.convolution(node, image, weights, true),
            ("FusedBatchNorm", [image, gamma, beta, mean, variance]) => {
                let mut inputs = vec![(*image).to_owned()];
                for name in [gamma, beta, mean, variance] {
                    inputs.push(self.vector(name)?);
                }
                let epsilon = node.number("epsilon").ok_or("has no epsilon")?;
                self.convert(image)?;
                self.push("BatchNormalization", inputs, &node.name, vec![number("epsilon", epsilon)])
            }
            ("BiasAdd" | "Add" | "AddN", [one, other]) => self.sum(node, one, other),
            ("Mul", [image, factors]) => {
                let factors = self.per_channel(factors)?;
                self.convert(image)?;
                self.push("Mul", vec![(*image).to_owned(), factors], &node.name, Vec::new())
            }
            ("Relu6", [of]) => {
                self.convert(of)?;
                let inputs = vec![(*of).to_owned(), "relu6/min".to_owned(), "relu6/max".to_owned()];
                self.push("Clip", inputs, &node.name, Vec::new())
            }
            ("Sigmoid", [of]) => {
                self.convert(of)?;
                self.push("Sigmoid", vec![(*of).to_owned()], &node.name, Vec::new())
            }
            ("Reshape", [image, shape]) => self.reshape(node, image, shape),
            ("ConcatV2", [parts @ .., axis]) => {
                let axis = self.integer(axis)?;
                for part in parts {
                    self.convert(part)?;
                }
                let inputs = parts.iter().map(|part| (*part).to_owned()).collect();
                self.push("Concat", inputs, &node.name, vec![integer("axis", axis)])
            }
            (_, inputs) => Err(format!("is not a supported operation with {} inputs", inputs.len())),
        }
    }

    /// Adds a convolution. TensorFlow's weights are height × width × in × out, those of a depthwise convolution height × width × in
    /// × 1. ONNX's weights are out × in × height × width, those of a depthwise convolution in × 1 × height × width.
    fn convolution(&mut self, node: &Node, image: &str, weights: &str, depthwise: bool) -> Result<(), String> {
        if node.text("padding") != Some(b"SAME") || node.text("data_format").is_some_and(|format| format != b"NHWC") {
            return Err("has a padding other than SAME or a data format other than NHWC".to_owned());
        }
        if node.integers("dilations").is_some_and(|dilations| dilations.iter().any(|dilation| *dilation != 1)) {
            return Err("is dilated".to_owned());
        }
        let strides = node.integers("strides").and_then(|strides| <[i64; 4]>::try_from(strides).ok());
        let Some([1, down, across, 1]) = strides else {
            return Err("has no strides for height and width".to_owned());
        };
        let (shape, values) = self.graph.floats(weights)?;
        let Ok([height, width, channels_in, channels_out]) = <[usize; 4]>::try_from(shape) else {
            return Err(format!("{weights} does not have 4 dimensions"));
        };
        let transposed = transpose(values, height * width, channels_in * channels_out);
        let mut attributes = vec![
            text("auto_pad", "SAME_UPPER"),
            integers("strides", vec![down, across]),
            integers("dilations", vec![1, 1]),
        ];
        let name = format!("{weights}/onnx");
        if depthwise {
            if channels_out != 1 {
                return Err("has more than one output per channel".to_owned());
            }
            attributes.push(integer("group", length(channels_in)));
            self.constant(&name, &[channels_in, 1, height, width], &transposed);
        } else {
            // From in × out × pixels to out × in × pixels.
            let pixels = height * width;
            let mut values = Vec::with_capacity(transposed.len());
            for out in 0..channels_out {
                for row in transposed.chunks_exact(channels_out * pixels) {
                    values.extend(row.iter().skip(out * pixels).take(pixels));
                }
            }
            self.constant(&name, &[channels_out, channels_in, height, width], &values);
        }
        self.convert(image)?;
        self.push("Conv", vec![image.to_owned(), name], &node.name, attributes)
    }

    /// Adds a sum of two values, or of a value and a constant per channel.
    fn sum(&mut self, node: &Node, one: &str, other: &str) -> Result<(), String> {
        let graph = self.graph;
        let (image, constant) = match (graph.constants.contains_key(one), graph.constants.contains_key(other)) {
            (false, true) => (one, other),
            (true, false) => (other, one),
            (true, true) => return Err("adds constants".to_owned()),
            (false, false) => {
                self.convert(one)?;
                self.convert(other)?;
                return self.push("Add", vec![one.to_owned(), other.to_owned()], &node.name, Vec::new());
            }
        };
        // image × factors + constant is written as a batch normalisation, which the runtime fuses with the convolution before it.
        if let Some(product) =
            graph.nodes.get(image).filter(|node| node.op == "Mul" && !self.converted.contains(&node.name))
            && let [image, factors] = product.input.as_slice()
        {
            let count = graph.floats(factors)?.1.len();
            let name = &node.name;
            self.constant(&format!("{name}/mean"), &[count], &vec![0.0; count]);
            self.constant(&format!("{name}/variance"), &[count], &vec![1.0; count]);
            let mut inputs = vec![image.clone(), self.vector(factors)?, self.vector(constant)?];
            inputs.extend([format!("{name}/mean"), format!("{name}/variance")]);
            self.convert(image)?;
            return self.push("BatchNormalization", inputs, name, vec![number("epsilon", 0.0)]);
        }
        let constant = self.per_channel(constant)?;
        self.convert(image)?;
        self.push("Add", vec![image.to_owned(), constant], &node.name, Vec::new())
    }

    /// Adds a reshape of an image, after transposing it to TensorFlow's layout with the channels last.
    fn reshape(&mut self, node: &Node, image: &str, shape: &str) -> Result<(), String> {
        let pack = self.graph.nodes.get(shape).filter(|node| node.op == "Pack").ok_or("its shape is not a Pack")?;
        let dimensions =
            pack.input.iter().map(|dimension| self.integer(dimension)).collect::<Result<Vec<i64>, String>>()?;
        let transposed = format!("{}/nhwc", node.name);
        let target = format!("{}/shape", node.name);
        self.convert(image)?;
        self.push("Transpose", vec![image.to_owned()], &transposed, vec![integers("perm", vec![0, 2, 3, 1])])?;
        self.onnx.initializer.push(TensorProto {
            name: Some(target.clone()),
            dims: vec![length(dimensions.len())],
            data_type: Some(DataType::INT64),
            raw_data: Some(RefCell::new(dimensions.iter().flat_map(|dimension| dimension.to_le_bytes()).collect())),
            ..TensorProto::default()
        });
        self.push("Reshape", vec![transposed, target], &node.name, Vec::new())
    }

    /// A constant integer, or 1 for a `StridedSlice`: the only integer that such a graph computes at run time is the number of
    /// images, which is 1.
    fn integer(&self, name: &str) -> Result<i64, String> {
        if let Some(constant) = self.graph.constants.get(name) {
            return constant.integer().ok_or_else(|| format!("{name} is not one integer"));
        }
        match self.graph.nodes.get(name) {
            Some(node) if node.op == "StridedSlice" => Ok(1),
            _ => Err(format!("{name} is not a constant integer")),
        }
    }

    /// Adds a constant as a vector and returns its name in the ONNX model.
    fn vector(&mut self, name: &str) -> Result<String, String> {
        let (_, values) = self.graph.floats(name)?;
        let vector = format!("{name}/vector");
        self.constant(&vector, &[values.len()], values);
        Ok(vector)
    }

    /// Adds a constant with one number per channel of an image and returns its name in the ONNX model.
    fn per_channel(&mut self, name: &str) -> Result<String, String> {
        let (shape, values) = self.graph.floats(name)?;
        if shape.len() != 1 {
            return Err(format!("{name} does not have one number per channel"));
        }
        let channels = format!("{name}/channels");
        self.constant(&channels, &[1, values.len(), 1, 1], values);
        Ok(channels)
    }

    /// Adds a constant, unless the ONNX model has it already.
    fn constant(&mut self, name: &str, shape: &[usize], values: &[f32]) {
        if self.converted.insert(name.to_owned()) {
            self.onnx.initializer.push(TensorProto {
                name: Some(name.to_owned()),
                dims: shape.iter().copied().map(length).collect(),
                data_type: Some(DataType::FLOAT),
                raw_data: Some(RefCell::new(values.iter().flat_map(|value| value.to_le_bytes()).collect())),
                ..TensorProto::default()
            });
        }
    }

    /// Adds an operation. It never fails; it returns a `Result` so that callers can end with it.
    fn push(
        &mut self,
        op: &str,
        inputs: Vec<String>,
        name: &str,
        attributes: Vec<AttributeProto>,
    ) -> Result<(), String> {
        self.onnx.node.push(NodeProto {
            op_type: Some(op.to_owned()),
            name: Some(format!("{name}/{op}")),
            input: inputs,
            output: vec![name.to_owned()],
            attribute: attributes,
            ..NodeProto::default()
        });
        Ok(())
    }
}

/// Transposes a row-major matrix.
fn transpose(values: &[f32], rows: usize, columns: usize) -> Vec<f32> {
    (0..columns).flat_map(|column| values.iter().skip(column).step_by(columns.max(1)).take(rows).copied()).collect()
}

/// A length as an `i64`, as ONNX needs it. No constant is long enough to overflow.
fn length(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

fn value(name: &str, shape: Option<&[usize]>) -> ValueInfoProto {
    let dimension = |size: &usize| Dimension { dim_value: Some(length(*size)), dim_param: None };
    let shape = shape.map(|shape| TensorShapeProto { dim: shape.iter().map(dimension).collect() });
    let tensor = TypeProtoTensor { elem_type: Some(DataType::FLOAT), shape };
    ValueInfoProto {
        name: Some(name.to_owned()),
        r#type: Some(TypeProto { tensor_type: Some(tensor), ..TypeProto::default() }),
    }
}

fn attribute(name: &str, kind: AttributeType) -> AttributeProto {
    AttributeProto { name: Some(name.to_owned()), r#type: Some(kind), ..AttributeProto::default() }
}

fn number(name: &str, value: f32) -> AttributeProto {
    AttributeProto { f: Some(value), ..attribute(name, AttributeType::FLOAT) }
}

fn integer(name: &str, value: i64) -> AttributeProto {
    AttributeProto { i: Some(value), ..attribute(name, AttributeType::INT) }
}

fn integers(name: &str, values: Vec<i64>) -> AttributeProto {
    AttributeProto { ints: values, ..attribute(name, AttributeType::INTS) }
}

fn text(name: &str, value: &str) -> AttributeProto {
    AttributeProto { s: Some(value.to_owned()), ..attribute(name, AttributeType::STRING) }
}
