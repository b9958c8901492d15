//! Client of an image-text model with the original system's contract: `POST /verify {"crops", "query"}` returns `{"scores"}`, each
//! from 0 to 100.

use serde_json::Value;

use crate::body::{Body, Encoded};
use crate::entry::Source;
use crate::error::{AskError, ServiceError};
use crate::http::{Http, Remote, limits};
use crate::range::is_meant;
use crate::traits::{BadItem, Items};

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

    /// Returns how well each picture fits the text, as it came, in the order of `pictures`. A score may lie slightly outside 0 to 100: see
    /// [`clamped`](crate::clamped). A score that is no such number is a [`BadItem`](crate::BadItem).
    ///
    /// # Errors
    ///
    /// Fails if the request fails, or if the number of scores is not that of the pictures.
    pub async fn scores(&self, pictures: &[&Encoded], text: &str) -> Result<(Items<f64>, Source), AskError> {
        let mut body = Body::default().raw("{\"crops\":[");
        for (number, picture) in pictures.iter().enumerate() {
            body = body.raw(if number == 0 { "\"" } else { ",\"" }).base64(picture).raw("\"");
        }
        let body =
            body.raw("],\"query\":").json(&text).map_err(|error| ServiceError::bug("clip", error.to_string()))?;
        let body = body.raw("}");
        let sent = body.digest();
        let reply =
            self.http.post(&self.remote, "", body, limits::OTHER_BYTES).await.map_err(|refusal| refusal.error)?;
        let scores = read(&reply.body, pictures.len()).map_err(|how| AskError::breach(&self.remote.url, how))?;
        Ok((scores, Source { server: reply.server, usage: Value::Null, seconds: reply.seconds, sent }))
    }
}

fn read(body: &Value, count: usize) -> Result<Items<f64>, String> {
    let scores = body.get("scores").and_then(Value::as_array).ok_or("there is no list \"scores\"")?;
    if scores.len() != count {
        return Err(format!("{} scores for {count} pictures", scores.len()));
    }
    let number = |(index, score): (usize, &Value)| {
        let found = score.as_f64().filter(|score| is_meant(*score, 100.0));
        let said = score.as_str().map_or_else(|| score.to_string(), str::to_owned);
        let why = || format!("the similarity of crop {} is {said}, not a number from 0 to 100", index + 1);
        found.ok_or_else(|| BadItem::new(why()))
    };
    Ok(scores.iter().enumerate().map(number).collect())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn scores_are_numbers_from_0_to_100() {
        assert_eq!(read(&json!({"scores": [-1, 37.5, 100]}), 3), Ok(vec![Ok(-1.0), Ok(37.5), Ok(100.0)]));
        for body in [json!({"scores": [1]}), json!([1, 2, 3])] {
            assert!(read(&body, 3).is_err(), "{body}");
        }
        for bad in [json!(null), json!("NaN"), json!(1000)] {
            let items = read(&json!({"scores": [1, bad, 2]}), 3).unwrap();
            assert_eq!((items[0].is_ok(), items[1].is_err(), items[2].is_ok()), (true, true, true), "{bad}");
        }
    }
}
