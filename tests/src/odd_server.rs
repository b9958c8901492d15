//! A chat server that behaves oddly in one way. The fleet's servers are good servers with faults; this one answers as it is told.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};

/// A response: status, further header lines, body.
pub type Response = (u16, &'static str, Value);

/// A server of the model "odd". It stops with the process.
pub struct OddServer {
    /// Its address, which ends in /v1.
    pub url: String,
    /// The chat requests that it received, in order.
    pub requests: Arc<Mutex<Vec<Value>>>,
}

impl OddServer {
    /// A server that answers chat requests as `answer` says.
    pub fn start(answer: impl Fn(&Value) -> Response + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let (requests, answer) = (Arc::new(Mutex::new(Vec::new())), Arc::new(answer));
        let noted = requests.clone();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answer, noted) = (answer.clone(), noted.clone());
                thread::spawn(move || serve(stream, &*answer, &noted));
            }
        });
        Self { url, requests }
    }
}

/// The response to a chat request that says this in each of its choices.
pub fn says(request: &Value, text: &str) -> Response {
    reply(request, &json!({"role": "assistant", "content": text}))
}

/// The response to a chat request with this message in each of its choices.
pub fn reply(request: &Value, message: &Value) -> Response {
    let count = request["n"].as_u64().unwrap_or(1);
    let choices: Vec<Value> = (0..count)
        .map(|index| json!({"index": index, "message": message, "finish_reason": "stop", "logprobs": null}))
        .collect();
    (200, "", json!({"id": "x", "object": "chat.completion", "model": "odd", "choices": choices}))
}

/// The first option of a choice that a request asks for.
pub fn first_option(request: &Value) -> String {
    request.pointer("/structured_outputs/choice/0").and_then(Value::as_str).unwrap_or("none").to_owned()
}

/// An error in OpenAI's form.
pub fn refuses(status: u16, message: &str) -> Response {
    (status, "", json!({"error": {"message": message, "type": "BadRequestError", "code": status}}))
}

fn serve(stream: TcpStream, answer: &dyn Fn(&Value) -> Response, noted: &Mutex<Vec<Value>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    loop {
        let (mut first, mut length) = (String::new(), 0);
        if reader.read_line(&mut first).unwrap_or(0) == 0 {
            return;
        }
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line.trim().is_empty() {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let (status, headers, body) = if first.contains("/chat/completions") {
            let request: Value = serde_json::from_slice(&body).unwrap();
            noted.lock().unwrap().push(request.clone());
            answer(&request)
        } else if first.contains("/models") {
            (200, "", json!({"object": "list", "data": [{"id": "odd"}]}))
        } else if first.contains("/version") {
            (200, "", json!({"version": "0.32.0"}))
        } else {
            (404, "", json!({"detail": "Not Found"}))
        };
        let body = body.to_string();
        let head =
            format!("HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n{headers}Content-Length: {}", body.len());
        if stream.write_all(format!("{head}\r\n\r\n{body}").as_bytes()).is_err() {
            return;
        }
    }
}
