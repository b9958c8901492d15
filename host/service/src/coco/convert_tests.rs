//! Tests that convert small graphs and run the ONNX models.

use rten_tensor::NdTensor;
use serde_json::{Value, json};

use super::convert::convert;
use super::graph::Graph;
use crate::network::Network;

fn ints(values: &[i64]) -> Value {
    json!({"list": {"i": values.iter().map(i64::to_string).collect::<Vec<_>>()}})
}

/// A graph of these nodes (name, op, inputs, attributes) and constants (name, shape, values). Constants whose name begins with "int"
/// and whose values are whole numbers are integers.
fn graph(nodes: &[(&str, &str, &[&str], Value)], constants: &[(&str, &[usize], &[f32])]) -> Graph {
    let nodes: Vec<Value> = nodes
        .iter()
        .map(|(name, op, input, attr)| json!({"name": name, "op": op, "input": input, "attr": attr}))
        .collect();
    let weights: Vec<Value> = constants
        .iter()
        .map(|(name, shape, values)| {
            let integer = values.iter().all(|value| value.fract() == 0.0) && name.starts_with("int");
            json!({"name": name, "shape": shape, "dtype": if integer { "int32" } else { "float32" }})
        })
        .collect();
    let bytes: Vec<u8> = constants
        .iter()
        .flat_map(|(name, _, values)| values.iter().map(move |value| (name.starts_with("int"), *value)))
        .flat_map(|(int, value)| if int { (value as i32).to_le_bytes() } else { value.to_le_bytes() })
        .collect();
    let json = json!({"modelTopology": {"node": nodes}, "weightsManifest": [{"paths": [], "weights": weights}]});
    Graph::read(json.to_string().as_bytes(), &bytes).unwrap()
}

fn run(graph: &Graph, shape: [usize; 4], input: &[f32], output: &str) -> Vec<f32> {
    let network = Network::load("a test", convert(graph, "in", shape, &[output]).unwrap()).unwrap();
    let input = NdTensor::from_data(shape, input.to_vec());
    let [output] = network.run(vec![("in", input.into())], [output], None).unwrap();
    network.floats(output).unwrap()
}

fn same(strides: [i64; 2]) -> Value {
    let same: Vec<u8> = b"SAME".to_vec();
    let nhwc: Vec<u8> = b"NHWC".to_vec();
    json!({"padding": {"s": same}, "data_format": {"s": nhwc}, "strides": ints(&[1, strides[0], strides[1], 1]), "dilations": ints(&[1; 4])})
}

#[test]
fn weights_and_padding_of_convolutions() {
    // 3 × 3 weights that select the pixel to the lower right. SAME padding with stride 2 pads an even side only below and to the
    // right, so output (0, 0) is centred on pixel (1, 1) and selects pixel (2, 2).
    let mut select = vec![0.0; 9 * 2 * 3];
    // Output channel 0 is input channel 1, output channel 2 is ten times input channel 0.
    select[8 * 6 + 3] = 1.0;
    select[8 * 6 + 2] = 10.0;
    let graph = graph(&[("out", "Conv2D", &["in", "weights"], same([2, 2]))], &[("weights", &[3, 3, 2, 3], &select)]);
    let input: Vec<f32> = (0..32).map(|at| at as f32).collect();
    let expected = [26.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 100.0, 0.0, 0.0, 0.0];
    assert_eq!(run(&graph, [1, 2, 4, 4], &input, "out"), expected);
}

#[test]
fn depthwise_convolutions_have_their_own_weights_for_every_channel() {
    let nodes: [(&str, &str, &[&str], Value); 4] = [
        ("depthwise", "DepthwiseConv2dNative", &["in", "weights"], same([1, 1])),
        ("scaled", "Mul", &["depthwise", "scale"], json!({})),
        ("shifted", "Add", &["scaled", "shift"], json!({})),
        ("out", "Relu6", &["shifted"], json!({})),
    ];
    let constants: [(&str, &[usize], &[f32]); 3] =
        [("weights", &[1, 1, 2, 1], &[2.0, -1.0]), ("scale", &[2], &[1.0, 3.0]), ("shift", &[2], &[0.5, 4.0])];
    let output = run(&graph(&nodes, &constants), [1, 2, 1, 3], &[1.0, 2.0, 9.0, 1.0, 2.0, -9.0], "out");
    assert_eq!(output, [2.5, 4.5, 6.0, 1.0, 0.0, 6.0]);
}

#[test]
fn normalisation_bias_and_sums() {
    let nodes: [(&str, &str, &[&str], Value); 4] = [
        ("normal", "FusedBatchNorm", &["in", "gamma", "beta", "mean", "variance"], json!({"epsilon": {"f": 1.0}})),
        ("biased", "BiasAdd", &["normal", "beta"], json!({})),
        ("doubled", "AddN", &["biased", "biased"], json!({})),
        ("out", "Sigmoid", &["doubled"], json!({})),
    ];
    let constants: [(&str, &[usize], &[f32]); 4] =
        [("gamma", &[1], &[4.0]), ("beta", &[1], &[0.25]), ("mean", &[1], &[3.0]), ("variance", &[1], &[3.0])];
    let graph = graph(&nodes, &constants);
    assert_eq!(run(&graph, [1, 1, 1, 2], &[3.0, 4.0], "doubled"), [1.0, 5.0]);
    assert_eq!(run(&graph, [1, 1, 1, 2], &[2.75, 3.0], "out")[0], 0.5);
}

#[test]
fn reshape_and_concat_keep_the_order_of_tensorflow() {
    let nodes: [(&str, &str, &[&str], Value); 4] = [
        ("batch", "StridedSlice", &["shape"], json!({})),
        ("pack", "Pack", &["batch", "int/minus", "int/two"], json!({})),
        ("flat", "Reshape", &["in", "pack"], json!({})),
        ("out", "ConcatV2", &["flat", "flat", "int/axis"], json!({})),
    ];
    let constants: [(&str, &[usize], &[f32]); 3] =
        [("int/minus", &[], &[-1.0]), ("int/two", &[], &[2.0]), ("int/axis", &[], &[1.0])];
    // Channel 0 is 1 2 3 and channel 1 is 10 20 30, so pixel by pixel the values are 1 10 2 20 3 30.
    let output = run(&graph(&nodes, &constants), [1, 2, 1, 3], &[1.0, 2.0, 3.0, 10.0, 20.0, 30.0], "out");
    assert_eq!(output, [1.0, 10.0, 2.0, 20.0, 3.0, 30.0].repeat(2));
}

#[test]
fn errors_name_what_cannot_be_converted() {
    let nodes: [(&str, &str, &[&str], Value); 2] =
        [("odd", "Frobnicate", &["in"], json!({})), ("out", "Sigmoid", &["odd"], json!({}))];
    let error = convert(&graph(&nodes, &[]), "in", [1; 4], &["out"]).unwrap_err();
    assert!(error.contains("odd (Frobnicate)"), "{error}");
    let error = convert(&graph(&[], &[]), "in", [1; 4], &["out"]).unwrap_err();
    assert!(error.contains("no node out"), "{error}");
    assert!(Graph::read(b"{}", b"").is_err());
}
