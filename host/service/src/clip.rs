//! Client of an image-text model with the original system's contract: `POST /verify {"crops", "query"}` returns `{"scores"}`, each
//! from 0 to 100.

use serde_json::{Value, json};

use crate::chat::Encoded;
use crate::entry::Source;
use crate::error::{AskError, ServiceError};
use crate::http::{Http, Remote, limits};

/// A client of one server.
pub struct ClipClient {
    http: Http,
    remote: Remote,
}

impl ClipClient {
    /// A client of the server at `remote`, whose URL is that of the endpoint itself.
    pub fn new(http: Http, remote: Remote) -> Self {
        Self { http, remote }
    }

    /// Returns how well each picture fits the text, 0 to 100, in the order of `pictures`.
    ///
    /// # Errors
    ///
    /// Fails if the request fails, if the number of scores is not that of the pictures, or if a score is not a number from 0 to 100.
    pub async fn scores(&self, pictures: &[&Encoded], text: &str) -> Result<(Vec<f64>, Source), AskError> {
        let crops: Vec<&str> = pictures.iter().map(|picture| base64(picture.url())).collect();
        let body = serde_json::to_vec(&json!({"crops": crops, "query": text}))
            .map_err(|error| ServiceError::bug("clip", error.to_string()))?;
        let sent = blake3::hash(&body).to_hex().to_string();
        let reply =
            self.http.post(&self.remote, "", body, limits::OTHER_BYTES).await.map_err(|refusal| refusal.error)?;
        let scores = read(&reply.body, pictures.len()).map_err(|how| AskError::breach(&self.remote.url, how))?;
        Ok((scores, Source { server: reply.server, usage: Value::Null, seconds: reply.seconds, sent }))
    }
}

/// The part of a data URL behind its comma.
fn base64(url: &str) -> &str {
    url.split_once(',').map_or(url, |(_, body)| body)
}

fn read(body: &Value, count: usize) -> Result<Vec<f64>, String> {
    let scores = body.get("scores").and_then(Value::as_array).ok_or("there is no list \"scores\"")?;
    if scores.len() != count {
        return Err(format!("{} scores for {count} pictures", scores.len()));
    }
    let number = |(index, score): (usize, &Value)| {
        let score = score.as_f64().filter(|score| (0.0..=100.0).contains(score));
        score.ok_or_else(|| format!("score {index} is not a number from 0 to 100"))
    };
    scores.iter().enumerate().map(number).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_numbers_from_0_to_100() {
        assert_eq!(read(&json!({"scores": [0, 37.5, 100]}), 3), Ok(vec![0.0, 37.5, 100.0]));
        for body in
            [json!({"scores": [1]}), json!({"scores": [1, null, 2]}), json!({"scores": [1, 2, 101]}), json!([1, 2, 3])]
        {
            assert!(read(&body, 3).is_err(), "{body}");
        }
    }
}
