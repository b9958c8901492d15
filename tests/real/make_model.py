"""make_model.py FOLDER: makes a vision-language model up. It has Qwen2.5-VL's shape, two thin layers, random weights, and a
tokenizer trained on this file. It takes pictures like the real one; what it answers means nothing."""

import sys

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    PreTrainedTokenizerFast,
    Qwen2_5_VLConfig,
    Qwen2_5_VLForConditionalGeneration,
    Qwen2_5_VLProcessor,
    Qwen2VLImageProcessor,
    Qwen2VLVideoProcessor,
)

SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"]
TEMPLATE = """{% for message in messages %}<|im_start|>{{ message.role }}
{% if message.content is string %}{{ message.content }}{% else %}{% for part in message.content %}{% if part.type == 'text' %}\
{{ part.text }}{% else %}<|vision_start|><|image_pad|><|vision_end|>{% endif %}{% endfor %}{% endif %}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""
TOKENS = 8192  # the longest conversation
folder = sys.argv[1]

bytes_first = Tokenizer(models.BPE())
bytes_first.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
bytes_first.decoder = decoders.ByteLevel()
alphabet = pre_tokenizers.ByteLevel.alphabet()
trainer = trainers.BpeTrainer(vocab_size=505, initial_alphabet=alphabet, special_tokens=SPECIAL, show_progress=False)
with open(__file__, encoding="utf-8") as text:
    bytes_first.train_from_iterator([text.read()], trainer)
tokenizer = PreTrainedTokenizerFast(
    tokenizer_object=bytes_first,
    eos_token="<|im_end|>",
    pad_token="<|endoftext|>",
    extra_special_tokens={"image_token": "<|image_pad|>", "video_token": "<|video_pad|>"},
    model_max_length=TOKENS,
)
pixels = {"min_pixels": 4 * 28 * 28, "max_pixels": 64 * 28 * 28}
pictures, videos = Qwen2VLImageProcessor(**pixels), Qwen2VLVideoProcessor(**pixels)
Qwen2_5_VLProcessor(pictures, tokenizer, videos, chat_template=TEMPLATE).save_pretrained(folder)

number = tokenizer.convert_tokens_to_ids
torch.manual_seed(0)
model = Qwen2_5_VLForConditionalGeneration(
    Qwen2_5_VLConfig(
        text_config={
            "vocab_size": 512,
            "hidden_size": 128,
            "intermediate_size": 256,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "num_key_value_heads": 1,
            "max_position_embeddings": TOKENS,
            "eos_token_id": number("<|im_end|>"),
            "pad_token_id": number("<|endoftext|>"),
            "bos_token_id": None,
            "rope_parameters": {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [8, 12, 12]},
        },
        vision_config={
            "depth": 2,
            "hidden_size": 64,
            "intermediate_size": 128,
            "num_heads": 2,
            "out_hidden_size": 128,
            "fullatt_block_indexes": [1],
        },
        image_token_id=number("<|image_pad|>"),
        video_token_id=number("<|video_pad|>"),
        vision_start_token_id=number("<|vision_start|>"),
        vision_end_token_id=number("<|vision_end|>"),
    )
)
defaults = model.generation_config
defaults.eos_token_id, defaults.pad_token_id, defaults.do_sample = number("<|im_end|>"), number("<|endoftext|>"), True
model.save_pretrained(folder)
