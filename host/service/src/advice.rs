//! What a user can do about an error of a model server, chosen by what the server said.

/// Words of servers, in lower case, and the way out. `{s}` stands for the service's name. The first line that fits counts.
///
/// The wordings are those of vLLM, SGLang, llama.cpp, TGI, OpenAI's API, Hugging Face's processors and LiteLLM.
const ADVICE: &[(&[&str], &str)] = &[
    (
        &[
            "maximum model length",
            "maximum context length",
            "context length",
            "longer than the model's",
            "prompt is too long",
            "exceeds the available context size",
            "max_model_len",
            "max_total_tokens",
            "too many tokens",
            "input length",
            "token limit",
            "context window",
            "max_new_tokens",
            "request too large",
            "answers 413",
        ],
        "The question has no room in the model. Show smaller pictures with {s}.max-side (now {side}), or start the server with more room (vLLM: --max-model-len, SGLang: --context-length).",
    ),
    (
        &[
            "image(s) may be provided",
            "images may be provided",
            "too many images",
            "at most 1 image",
            "multiple images",
            "limit-mm-per-prompt",
            "limit_mm_per_prompt",
        ],
        "The server takes fewer pictures in a question than this plugin shows. Start it with more (vLLM: --limit-mm-per-prompt '{\"image\": 8}').",
    ),
    (
        &[
            "not a multimodal model",
            "does not support image",
            "image input is not supported",
            "no vision",
            "image_url is only supported",
            "multimodal is not enabled",
            "mmproj",
        ],
        "The model takes no pictures. Serve a vision-language model, or start the server with its vision part.",
    ),
    (
        &["expected an uuid", "multi_modal_uuid", "mm_uuid", "cache miss", "mm_processor_cache"],
        "Send every picture whole, with {s}.images=\"inline\".",
    ),
    (
        &["priority scheduling", "scheduling-policy", "scheduling_policy"],
        "The server does not schedule by priority. Leave out {s}.priority, or start the server so (vLLM: --scheduling-policy priority).",
    ),
    (&["chat_template_kwargs", "enable_thinking"], "Leave out {s}.thinking=\"off\"."),
    (
        &[
            "top_k",
            "min_p",
            "repetition_penalty",
            "unrecognized",
            "unexpected keyword",
            "extra fields",
            "extra_forbidden",
            "extra inputs",
        ],
        "The server does not take one of the fields. Say whose server it is with {s}.dialect=\"openai\", and leave out the settings that it names.",
    ),
    (&["logprob", "out of range float"], "Set {s}.logprobs=false."),
    (
        &["roles must alternate", "system role", "system message", "user and assistant roles"],
        "Set {s}.system-message=false.",
    ),
    (&["response_format", "structured_output", "guided", "json_schema", "grammar"], "Set {s}.structured-output=false."),
    (
        &["out of memory", "cuda error", "hip error", "cublas"],
        "The server has no memory left. Give it fewer requests at once with {s}.slots, smaller pictures with {s}.max-side, or start it with less (vLLM: --gpu-memory-utilization, --max-num-seqs).",
    ),
    (
        &["aspect ratio", "qwenvl", "qwen2_5_vl", "qwen2vl", "processor on data"],
        "The model's preparation of pictures failed. Try another {s}.max-side, or another photo.",
    ),
    (
        &["does not exist", "model not found", "model_not_found", "no such model", "invalid model", "unknown model"],
        "Name a model that the server has with {s}.model; its /v1/models lists them.",
    ),
    (
        &["answers 401", "answers 403", "api key", "api_key", "unauthorized", "authentication", "permission"],
        "Set {s}.api-key-env to the environment variable that holds the server's API key.",
    ),
    (
        &["quota", "billing", "insufficient_quota", "credit"],
        "The account has no quota left. Raise it, or use another server.",
    ),
    (
        &["answers 429", "rate limit", "too many requests"],
        "The server takes fewer requests at once. Set {s}.slots lower, or {s}.timeout higher if it asks to wait.",
    ),
    (&["does not answer within"], "Raise {s}.timeout, or give the server fewer requests at once with {s}.slots."),
    (
        &["cannot be reached", "answers 502", "answers 503", "answers 504", "broke off"],
        "Look whether the server is up, and at its log.",
    ),
    (&["answers 404"], "Look at {s}.url: another kind of server answers there."),
];

/// The way out for an error of `service` with this cause. `max_side` is the largest side of its pictures, in pixels; 0 if it is shown none.
pub fn way_out(service: &str, cause: &str, max_side: u32) -> String {
    let cause = cause.to_lowercase();
    // The server's address says nothing.
    let cause = cause.find(" answers ").and_then(|at| cause.get(at..)).unwrap_or(&cause);
    let found = ADVICE.iter().find(|(words, _)| words.iter().any(|word| cause.contains(word)));
    let advice = found.map_or("Look at the server's log: it says more than this.", |(_, advice)| advice);
    advice.replace("{s}", service).replace("{side}", &max_side.to_string())
}

/// Whether the cause of an error is known to be another one than an optional part of the request.
pub(crate) fn is_no_feature(message: &str) -> bool {
    let message = message.to_lowercase();
    // The first four lines, and those from memory on.
    let known = ADVICE.iter().take(4).chain(ADVICE.iter().skip(9));
    known.flat_map(|(words, _)| *words).any(|word| message.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_out_fits_what_the_server_says() {
        for (cause, part) in [
            (
                "The decoder prompt (length 5321) is longer than the maximum model length of 4096. Make sure that `max_model_len` is no smaller",
                "verifier.max-side (now 1024)",
            ),
            (
                "This model's maximum context length is 8192 tokens. However, you requested 9000 tokens",
                "verifier.max-side",
            ),
            ("the request exceeds the available context size (4096 tokens), try increasing it", "verifier.max-side"),
            ("Input length (4100 tokens) exceeds the maximum allowed length (4096 tokens)", "verifier.max-side"),
            ("`inputs` tokens + `max_new_tokens` must be <= 4096. Given: 5321 `inputs` tokens", "verifier.max-side"),
            (
                "http://x/v1 answers 413 Payload Too Large: Request too large for m on tokens per minute",
                "verifier.max-side",
            ),
            ("At most 1 image(s) may be provided in one prompt.", "--limit-mm-per-prompt"),
            ("Out of range float values are not JSON compliant", "verifier.logprobs=false"),
            ("Conversation roles must alternate user/assistant/user/assistant/...", "verifier.system-message=false"),
            ("expected an UUID", "verifier.images=\"inline\""),
            ("TypeError: apply_chat_template() got an unexpected chat_template_kwargs", "verifier.thinking"),
            ("CUDA out of memory. Tried to allocate 2.00 GiB", "verifier.slots"),
            ("The model `gpt-5` does not exist", "verifier.model"),
            ("http://x/v1 answers 401 Unauthorized: Incorrect API key provided", "verifier.api-key-env"),
            ("http://x/v1 answers 429 Too Many Requests", "verifier.slots"),
            ("http://x/v1 does not answer within 120 s", "verifier.timeout"),
            ("http://x/v1 cannot be reached: connection refused", "is up"),
            ("http://x:4040/guided/v1 answers 500 Internal Server Error: the worker crashed", "server's log"),
            ("http://x/v1 answers 400 Bad Request: Bad request (request uuid 7f3a)", "server's log"),
            ("something new", "server's log"),
        ] {
            let advice = way_out("verifier", cause, 1024);
            assert!(advice.contains(part), "{cause}: {advice}");
            assert!(!advice.contains('{') || advice.contains("{\"image\""), "{advice}");
        }
    }
}
