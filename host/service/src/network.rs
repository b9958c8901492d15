//! Runs an ONNX model on the processor.

use std::sync::Arc;

use rten::{Model, NodeId, RunError, RunOptions, ThreadPool, Value, ValueOrView};

use crate::ServiceError;

/// A loaded network. How many threads it computes on does not change a bit of the result.
pub(crate) struct Network {
    service: &'static str,
    model: Model,
}

/// What follows from some of a network's inputs alone.
pub(crate) struct Prepared(Vec<(NodeId, Value)>);

/// Inputs by name.
type Inputs<'a> = Vec<(&'a str, ValueOrView<'a>)>;

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

    /// The outputs of these names, on `threads` or else on a thread for each core.
    ///
    /// # Errors
    ///
    /// Where the inputs are not what the model takes.
    pub fn run<const N: usize>(
        &self,
        inputs: Inputs<'_>,
        outputs: [&str; N],
        threads: Option<&Arc<ThreadPool>>,
    ) -> Result<[Value; N], ServiceError> {
        self.finish(&Prepared(Vec::new()), inputs, outputs, threads)
    }

    /// Computes what these inputs suffice for, of all that the outputs depend on.
    ///
    /// # Errors
    ///
    /// Where the inputs are not what the model takes.
    pub fn prepare<const N: usize>(
        &self,
        inputs: Inputs<'_>,
        outputs: [&str; N],
        threads: Option<&Arc<ThreadPool>>,
    ) -> Result<Prepared, ServiceError> {
        let inputs = self.ids(inputs)?.collect();
        let outputs = self.outputs(outputs)?;
        let options = RunOptions::default().with_thread_pool(threads.cloned());
        let values = self.model.partial_run(inputs, &outputs, Some(options)).map_err(|error| self.failed(&error))?;
        Ok(Prepared(values))
    }

    /// The outputs of these names from what this network prepared and the rest of its inputs.
    ///
    /// # Errors
    ///
    /// Where the inputs are not what the model takes.
    pub fn finish<const N: usize>(
        &self,
        prepared: &Prepared,
        inputs: Inputs<'_>,
        outputs: [&str; N],
        threads: Option<&Arc<ThreadPool>>,
    ) -> Result<[Value; N], ServiceError> {
        let prepared = prepared.0.iter().map(|(id, value)| (*id, ValueOrView::from(value)));
        let inputs = self.ids(inputs)?.chain(prepared).collect();
        let outputs = self.outputs(outputs)?;
        let options = RunOptions::default().with_thread_pool(threads.cloned());
        let values = self.model.run(inputs, &outputs, Some(options)).map_err(|error| self.failed(&error))?;
        values.try_into().map_err(|_| ServiceError::bug(self.service, "wrong number of outputs"))
    }

    /// The numbers of an output, by rows.
    ///
    /// # Errors
    ///
    /// Where they are not floats.
    pub fn floats(&self, value: Value) -> Result<Vec<f32>, ServiceError> {
        let floats = value.into_tensor::<f32>().map(|tensor| tensor.into_data());
        floats.ok_or_else(|| ServiceError::bug(self.service, "its outputs are not floats"))
    }

    fn ids<'a>(&self, inputs: Inputs<'a>) -> Result<impl Iterator<Item = (NodeId, ValueOrView<'a>)>, ServiceError> {
        let ids = inputs.into_iter().map(|(name, value)| Ok((self.id(name)?, value)));
        Ok(ids.collect::<Result<Vec<_>, ServiceError>>()?.into_iter())
    }

    fn outputs<const N: usize>(&self, outputs: [&str; N]) -> Result<Vec<NodeId>, ServiceError> {
        outputs.into_iter().map(|name| self.id(name)).collect()
    }

    fn id(&self, name: &str) -> Result<NodeId, ServiceError> {
        self.model.node_id(name).map_err(|error| self.failed(&error))
    }

    fn failed(&self, error: &RunError) -> ServiceError {
        ServiceError::bug(self.service, error.to_string())
    }
}
