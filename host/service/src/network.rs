//! Runs an ONNX model on the processor.

use std::sync::Arc;

use rten::{Model, RunOptions, ThreadPool, Value, ValueOrView};

use crate::ServiceError;

/// A loaded network.
pub(crate) struct Network {
    service: &'static str,
    model: Model,
}

impl Network {
    /// `onnx` is the model, `service` what errors call it.
    ///
    /// # Errors
    ///
    /// Where the model cannot be read; its bytes are known, so this is never the user's fault.
    pub fn load(service: &'static str, onnx: Vec<u8>) -> Result<Self, ServiceError> {
        let model = Model::load(onnx).map_err(|error| ServiceError::bug(service, format!("does not load: {error}")))?;
        Ok(Self { service, model })
    }

    /// The outputs of these names, on `threads` or else on a thread for each core. How many there are does not change a bit of
    /// the result.
    ///
    /// # Errors
    ///
    /// Where the inputs are not what the model takes.
    pub fn run<const N: usize>(
        &self,
        inputs: Vec<(&str, ValueOrView)>,
        outputs: [&str; N],
        threads: Option<&Arc<ThreadPool>>,
    ) -> Result<[Value; N], ServiceError> {
        let failed = |error: rten::RunError| ServiceError::bug(self.service, error.to_string());
        let id = |name: &str| self.model.node_id(name).map_err(failed);
        let inputs = inputs.into_iter().map(|(name, value)| Ok((id(name)?, value))).collect::<Result<_, _>>()?;
        let outputs = outputs.into_iter().map(id).collect::<Result<Vec<_>, _>>()?;
        let options = RunOptions::default().with_thread_pool(threads.cloned());
        let values = self.model.run(inputs, &outputs, Some(options)).map_err(failed)?;
        values.try_into().map_err(|_| ServiceError::bug(self.service, "wrong number of outputs"))
    }
}
