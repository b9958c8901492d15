//! A minimal HTTP client that shows answers byte by byte.

use std::io::{self, Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// An HTTP answer.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

pub fn connect(base: &str) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(base.strip_prefix("http://").unwrap())?;
    stream.set_read_timeout(Some(Duration::from_secs(60)))?;
    Ok(stream)
}

/// Sends a request, and returns the stream from which the answer can be read.
pub fn send(base: &str, method: &str, path: &str, body: &[u8]) -> io::Result<TcpStream> {
    let mut stream = connect(base)?;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: fleet\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body)?;
    Ok(stream)
}

/// Reads an answer to its end. Chunks are not decoded. Fails if the body is shorter than its `Content-Length`.
pub fn receive(mut stream: TcpStream) -> io::Result<Reply> {
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let cut = bytes.windows(4).position(|window| window == b"\r\n\r\n");
    let cut = cut.ok_or_else(|| io::Error::other("no answer"))?;
    let head = String::from_utf8(bytes[..cut].to_vec()).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let body = bytes[cut + 4..].to_vec();
    let told = head.to_lowercase();
    let told = told.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    if told.is_some_and(|told| told != body.len()) {
        return Err(io::Error::other("the body was cut"));
    }
    Ok(Reply { status, head, body })
}

pub fn post(base: &str, path: &str, body: &Value) -> io::Result<Reply> {
    receive(send(base, "POST", path, body.to_string().as_bytes())?)
}

pub fn get(base: &str, path: &str) -> Reply {
    receive(send(base, "GET", path, b"").unwrap()).unwrap()
}
