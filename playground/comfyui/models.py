"""The model files that a server has by default: official file names, and a few demo LoRAs."""

from __future__ import annotations

LORA_WORDS: dict[str, str] = {
    "demo_comic.safetensors": "comic halftone",
    "demo_film_photo.safetensors": "film photo, expired film",
    "demo_line_art.safetensors": "line art",
    "demo_low_poly.safetensors": "low poly",
    "demo_oil_painting.safetensors": "oil painting, thick strokes",
    "demo_pixel_art.safetensors": "pixel art",
    "demo_watercolour.safetensors": "watercolour",
    "styles/demo blueprint.safetensors": "blueprint",
    "styles/demo golden hour.safetensors": "golden hour",
    "styles/demo neon lights.safetensors": "neon lights",
    "styles/demo stained glass.safetensors": "stained glass",
}
"""LoRA to the words that it was trained on, as its header says them."""

DEMO_LORAS = tuple(LORA_WORDS)

MODELS: dict[str, tuple[str, ...]] = {
    "checkpoints": (
        "ace_step_v1_3.5b.safetensors",
        "flux1-dev-fp8.safetensors",
        "sd3.5_large_fp8_scaled.safetensors",
        "sd_xl_base_1.0.safetensors",
        "sd_xl_refiner_1.0.safetensors",
        "v1-5-pruned-emaonly-fp16.safetensors",
    ),
    "configs": (),
    "loras": (
        *DEMO_LORAS,
        "wan2.2_i2v_lightx2v_4steps_lora_v1_high_noise.safetensors",
        "wan2.2_i2v_lightx2v_4steps_lora_v1_low_noise.safetensors",
        "wan2.2_t2v_lightx2v_4steps_lora_v1.1_high_noise.safetensors",
        "wan2.2_t2v_lightx2v_4steps_lora_v1.1_low_noise.safetensors",
    ),
    "vae": (
        "ae.safetensors",
        "qwen_image_vae.safetensors",
        "wan2.2_vae.safetensors",
        "wan_2.1_vae.safetensors",
    ),
    "text_encoders": (
        "clip_g_hidream.safetensors",
        "clip_l.safetensors",
        "clip_l_hidream.safetensors",
        "llama_3.1_8b_instruct_fp8_scaled.safetensors",
        "qwen_2.5_vl_7b_fp8_scaled.safetensors",
        "qwen_3_4b.safetensors",
        "t5xxl_fp16.safetensors",
        "t5xxl_fp8_e4m3fn.safetensors",
        "t5xxl_fp8_e4m3fn_scaled.safetensors",
        "umt5_xxl_fp8_e4m3fn_scaled.safetensors",
    ),
    "diffusion_models": (
        "flux1-dev-kontext_fp8_scaled.safetensors",
        "flux1-dev.safetensors",
        "flux1-krea-dev_fp8_scaled.safetensors",
        "flux1-schnell.safetensors",
        "hidream_i1_dev_fp8.safetensors",
        "hidream_i1_fast_fp8.safetensors",
        "hidream_i1_full_fp8.safetensors",
        "qwen_image_edit_2509_fp8_e4m3fn.safetensors",
        "qwen_image_edit_fp8_e4m3fn.safetensors",
        "qwen_image_fp8_e4m3fn.safetensors",
        "wan2.1_t2v_1.3B_fp16.safetensors",
        "wan2.1_vace_1.3B_fp16.safetensors",
        "wan2.2_i2v_high_noise_14B_fp8_scaled.safetensors",
        "wan2.2_i2v_low_noise_14B_fp8_scaled.safetensors",
        "wan2.2_t2v_high_noise_14B_fp8_scaled.safetensors",
        "wan2.2_t2v_low_noise_14B_fp8_scaled.safetensors",
        "z_image_turbo_bf16.safetensors",
    ),
    "clip_vision": ("clip_vision_h.safetensors",),
    "controlnet": (),
    "embeddings": (),
    "upscale_models": ("4x-UltraSharp.pth", "RealESRGAN_x4plus.pth", "RealESRGAN_x4plus.safetensors"),
}
