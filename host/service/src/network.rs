//! Runs ONNX models on the CPU.

use std::sync::Arc;

use rten::{Model, NodeId, RunError, RunOptions, ThreadPool, Value, ValueOrView};

use crate::ServiceError;

/// A loaded network. Its results are the same, bit for bit, on any number of threads.
pub(crate) struct Network {
    service: &'static str,
    model: Model,
}

/// The intermediate values of a network that depend only on some of its inputs.
pub(crate) struct Prepared(Vec<(NodeId, Value)>);

/// Inputs by name.
type Inputs<'a> = Vec<(&'a str, ValueOrView<'a>)>;

impl Network {
    /// Loads the network from the bytes of an ONNX file. `service` is its name in errors.
    ///
    /// # Errors
    ///
    /// Fails if the model cannot be read. As its bytes were checked, that is a bug of the host.
    pub fn load(service: &'static str, onnx: Vec<u8>) -> Result<Self, ServiceError> {
        let model = Model::load(onnx)
            .map_err(|error| ServiceError::bug(service, format!("the network does not load: {error}")))?;
        Ok(Self { service, model })
    }

    /// Computes the named outputs. `threads` is the pool to compute on; `None` uses one thread for each core.
    ///
    /// # Errors
    ///
    /// Fails if the model does not accept the inputs or has no such outputs.
    pub fn run<const N: usize>(
        &self,
        inputs: Inputs<'_>,
        outputs: [&str; N],
        threads: Option<&Arc<ThreadPool>>,
    ) -> Result<[Value; N], ServiceError> {
        self.finish(&Prepared(Vec::new()), inputs, outputs, threads)
    }

    /// Computes, of all the values that the outputs depend on, those that depend only on these inputs.
    ///
    /// # Errors
    ///
    /// Fails if the model does not accept the inputs or has no such outputs.
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

    /// Computes the named outputs from the values that [`Self::prepare`] returned and the remaining inputs.
    ///
    /// # Errors
    ///
    /// Fails if the model does not accept the inputs or has no such outputs.
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
        values
            .try_into()
            .map_err(|_| ServiceError::bug(self.service, "the network returned the wrong number of outputs"))
    }

    /// The numbers of an output tensor, in row-major order.
    ///
    /// # Errors
    ///
    /// Fails if they are not floats.
    pub fn floats(&self, value: Value) -> Result<Vec<f32>, ServiceError> {
        let floats = value.into_tensor::<f32>().map(|tensor| tensor.into_data());
        floats.ok_or_else(|| ServiceError::bug(self.service, "an output of the network is not made of floats"))
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
