//! The published configurations of models that are used, read without their weights.

use std::path::Path;

use kuaibao_engine::nn::{
    Activation, Architecture, DecoderMemory, NormPlacement, Positions, Stack, T5Architecture,
};
use serde_json::{Value, json};

fn bart(config: &Value) -> Architecture {
    let path = Path::new("config.json");
    assert_eq!(T5Architecture::from_config(path, config).unwrap(), None);
    Architecture::from_config(path, config).unwrap().unwrap()
}

fn t5(config: &Value) -> T5Architecture {
    let path = Path::new("config.json");
    assert_eq!(Architecture::from_config(path, config).unwrap(), None);
    T5Architecture::from_config(path, config).unwrap().unwrap()
}

fn stack(layers: usize, heads: usize, ffn: usize) -> Stack {
    Stack { layers, heads, ffn }
}

/// facebook/bart-large-cnn, the fields of it that shape the model.
fn bart_large_cnn() -> Value {
    json!({
        "model_type": "bart", "activation_function": "gelu", "d_model": 1024,
        "decoder_attention_heads": 16, "decoder_ffn_dim": 4096, "decoder_layers": 12,
        "encoder_attention_heads": 16, "encoder_ffn_dim": 4096, "encoder_layers": 12,
        "max_position_embeddings": 1024, "normalize_before": false, "normalize_embedding": true,
        "add_final_layer_norm": false, "scale_embedding": false, "vocab_size": 50264,
        "pad_token_id": 1, "decoder_start_token_id": 2, "forced_bos_token_id": 0,
    })
}

/// `base` with some fields changed.
fn with(mut base: Value, fields: Value) -> Value {
    for (name, value) in fields.as_object().unwrap() {
        base[name] = value.clone();
    }
    base
}

#[test]
fn bart_large_cnn_and_its_distilled_form() {
    let large = bart(&bart_large_cnn());
    assert_eq!(
        large,
        Architecture {
            d_model: 1024,
            source_vocabulary: 50264,
            vocabulary: 50264,
            encoder: stack(12, 16, 4096),
            decoder: stack(12, 16, 4096),
            activation: Activation::Gelu,
            norm: NormPlacement::Post,
            final_norm: false,
            embedding_norm: true,
            embedding_scale: 1.0,
            positions: Positions::Learned { offset: 2 },
            max_positions: 1024,
            decoder_memory: DecoderMemory::SelfAttention,
            epsilon: 1e-5,
            zero_start: false,
            alignment: None,
        }
    );
    // sshleifer/distilbart-cnn-12-6
    let distilled = bart(&with(bart_large_cnn(), json!({"decoder_layers": 6})));
    let decoder = stack(6, 16, 4096);
    assert_eq!(distilled, Architecture { decoder, ..large });
}

#[test]
fn mbart_large_50_many_to_one_mmt() {
    let fields = json!({
        "model_type": "mbart", "activation_function": "relu", "vocab_size": 250_054,
        "scale_embedding": true, "normalize_before": true, "add_final_layer_norm": true,
    });
    let mbart = bart(&with(bart_large_cnn(), fields));
    assert_eq!(mbart.norm, NormPlacement::Pre);
    assert_eq!(mbart.positions, Positions::Learned { offset: 2 });
    assert!(mbart.final_norm && mbart.embedding_norm);
    assert_eq!(mbart.embedding_scale, 32.0);
    assert_eq!(
        (mbart.vocabulary, mbart.activation),
        (250_054, Activation::Relu)
    );
}

#[test]
fn pegasus_cnn_dailymail() {
    let fields = json!({
        "model_type": "pegasus", "activation_function": "relu", "vocab_size": 96_103,
        "encoder_layers": 16, "decoder_layers": 16, "scale_embedding": true,
        "static_position_embeddings": true, "normalize_before": true,
        "normalize_embedding": false, "add_final_layer_norm": true, "pad_token_id": 0,
    });
    let pegasus = bart(&with(bart_large_cnn(), fields));
    assert_eq!(pegasus.norm, NormPlacement::Pre);
    assert_eq!(pegasus.positions, Positions::Sinusoidal);
    assert!(pegasus.final_norm && !pegasus.embedding_norm);
    assert_eq!(pegasus.embedding_scale, 32.0);
    assert_eq!(pegasus.encoder, stack(16, 16, 4096));
    assert_eq!(pegasus.max_positions, 1024);
}

#[test]
fn m2m100_418m_and_nllb_200_distilled_600m() {
    let m2m100 = |vocab_size: usize| {
        json!({
            "model_type": "m2m_100", "activation_function": "relu", "d_model": 1024,
            "decoder_attention_heads": 16, "decoder_ffn_dim": 4096, "decoder_layers": 12,
            "encoder_attention_heads": 16, "encoder_ffn_dim": 4096, "encoder_layers": 12,
            "max_position_embeddings": 1024, "scale_embedding": true, "vocab_size": vocab_size,
            "pad_token_id": 1, "bos_token_id": 0, "eos_token_id": 2, "decoder_start_token_id": 2,
        })
    };
    for vocabulary in [128_112, 256_206] {
        assert_eq!(
            bart(&m2m100(vocabulary)),
            Architecture {
                d_model: 1024,
                source_vocabulary: vocabulary,
                vocabulary,
                encoder: stack(12, 16, 4096),
                decoder: stack(12, 16, 4096),
                activation: Activation::Relu,
                norm: NormPlacement::Pre,
                final_norm: true,
                embedding_norm: false,
                embedding_scale: 32.0,
                positions: Positions::Tensor2Tensor { offset: 2 },
                max_positions: 1024,
                decoder_memory: DecoderMemory::SelfAttention,
                epsilon: 1e-5,
                zero_start: false,
                alignment: None,
            }
        );
    }
}

#[test]
fn opus_mt_zh_en() {
    let opus = bart(&json!({
        "model_type": "marian", "activation_function": "swish", "d_model": 512,
        "decoder_attention_heads": 8, "decoder_ffn_dim": 2048, "decoder_layers": 6,
        "encoder_attention_heads": 8, "encoder_ffn_dim": 2048, "encoder_layers": 6,
        "max_position_embeddings": 512, "normalize_before": false, "normalize_embedding": false,
        "scale_embedding": true, "static_position_embeddings": true, "vocab_size": 65_001,
        "pad_token_id": 65_000, "decoder_start_token_id": 65_000,
    }));
    assert_eq!(opus.norm, NormPlacement::Post);
    assert_eq!(opus.positions, Positions::Sinusoidal);
    assert_eq!(opus.activation, Activation::Swish);
    assert!(!opus.final_norm && !opus.embedding_norm);
    assert_eq!(opus.embedding_scale, 512f64.sqrt());
    assert_eq!(opus.decoder, stack(6, 8, 2048));
}

/// google/mt5-base.
fn mt5_base() -> Value {
    json!({
        "model_type": "mt5", "d_ff": 2048, "d_kv": 64, "d_model": 768, "num_heads": 12,
        "num_layers": 12, "num_decoder_layers": 12, "feed_forward_proj": "gated-gelu",
        "layer_norm_epsilon": 1e-6, "relative_attention_num_buckets": 32,
        "tie_word_embeddings": false, "vocab_size": 250_112, "decoder_start_token_id": 0,
        "eos_token_id": 1, "pad_token_id": 0,
    })
}

#[test]
fn mt5_base_and_what_was_made_of_it() {
    let mt5 = t5(&mt5_base());
    assert_eq!(
        mt5,
        T5Architecture {
            d_model: 768,
            vocabulary: 250_112,
            encoder: stack(12, 12, 2048),
            decoder: stack(12, 12, 2048),
            d_kv: 64,
            activation: Activation::GeluTanh,
            gated: true,
            buckets: 32,
            bias_each_layer: false,
            max_distance: 128,
            epsilon: 1e-6,
            output_scale: 1.0,
        }
    );
    // bigscience/mt0-base and csebuetnlp/mT5_m2o_english_crossSum, as newer versions write it.
    let newer = json!({
        "relative_attention_max_distance": 128, "dense_act_fn": "gelu_new", "is_gated_act": true,
    });
    assert_eq!(t5(&with(mt5_base(), newer)), mt5);
    // google/umt5-base
    let umt5 = json!({"model_type": "umt5", "vocab_size": 256_384, "num_layers": 12});
    let umt5 = t5(&with(mt5_base(), umt5));
    assert!(umt5.bias_each_layer && umt5.output_scale == 1.0);
    // mT5's outputs are not scaled, whatever its configuration says of the head.
    let tied = json!({"tie_word_embeddings": true});
    assert_eq!(t5(&with(mt5_base(), tied)).output_scale, 1.0);
}

#[test]
fn t5_small_flan_t5_base_and_madlad400_3b_mt() {
    // Older than most of its fields.
    let small = json!({
        "model_type": "t5", "d_ff": 2048, "d_kv": 64, "d_model": 512, "n_positions": 512,
        "num_heads": 8, "num_layers": 6, "layer_norm_epsilon": 1e-6, "vocab_size": 32_128,
        "relative_attention_num_buckets": 32, "decoder_start_token_id": 0,
    });
    let expected = T5Architecture {
        d_model: 512,
        vocabulary: 32_128,
        encoder: stack(6, 8, 2048),
        decoder: stack(6, 8, 2048),
        d_kv: 64,
        activation: Activation::Relu,
        gated: false,
        buckets: 32,
        bias_each_layer: false,
        max_distance: 128,
        epsilon: 1e-6,
        output_scale: 512f64.powf(-0.5),
    };
    assert_eq!(t5(&small), expected);
    let shared = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/tokenizers/t5-small/config.json");
    if let Ok(bytes) = std::fs::read(shared) {
        let vocabulary = 32_101;
        let real = t5(&serde_json::from_slice(&bytes).unwrap());
        assert_eq!(
            real,
            T5Architecture {
                vocabulary,
                ..expected
            }
        );
    }

    let flan = json!({
        "model_type": "t5", "d_ff": 2048, "d_kv": 64, "d_model": 768, "num_heads": 12,
        "num_layers": 12, "num_decoder_layers": 12, "feed_forward_proj": "gated-gelu",
        "layer_norm_epsilon": 1e-6, "n_positions": 512, "relative_attention_max_distance": 128,
        "relative_attention_num_buckets": 32, "tie_word_embeddings": false, "vocab_size": 32_128,
        "decoder_start_token_id": 0, "eos_token_id": 1, "pad_token_id": 0,
    });
    let base = t5(&flan);
    assert_eq!((base.gated, base.activation), (true, Activation::GeluTanh));
    assert_eq!(
        (base.output_scale, base.decoder),
        (1.0, stack(12, 12, 2048))
    );
    // As versions since 5 write it: always tied, and the scaling said outright.
    let newer = json!({"tie_word_embeddings": true, "scale_decoder_outputs": false});
    assert_eq!(t5(&with(flan.clone(), newer)), base);

    let madlad = json!({
        "d_ff": 8192, "d_kv": 128, "d_model": 1024, "num_heads": 16, "num_layers": 32,
        "num_decoder_layers": 32, "vocab_size": 256_000,
    });
    let madlad = t5(&with(flan, madlad));
    assert_eq!(madlad.d_kv * madlad.encoder.heads, 2 * madlad.d_model);
    assert_eq!(
        (madlad.output_scale, madlad.encoder),
        (1.0, stack(32, 16, 8192))
    );
}

#[test]
fn what_cannot_be_built_is_named() {
    let error = |fields: Value| {
        let config = with(mt5_base(), fields);
        let error = T5Architecture::from_config(Path::new("DIR/config.json"), &config);
        error.unwrap_err().to_string()
    };
    for (fields, message) in [
        (
            json!({"d_kv": null}),
            "`d_kv` is missing, it must be a whole number from 1 to 65536",
        ),
        (
            json!({"num_layers": "12"}),
            "`num_layers` is \"12\", it must be a whole number",
        ),
        (
            json!({"num_decoder_layers": -1}),
            "`num_decoder_layers` is -1, it must be a whole number",
        ),
        (
            json!({"num_heads": 0}),
            "`num_heads` is 0, it must be a whole number",
        ),
        (
            json!({"feed_forward_proj": "gated-tanh"}),
            "activation `tanh` is not supported",
        ),
        (json!({"relative_attention_num_buckets": 2}), "2 buckets"),
        (
            json!({"relative_attention_max_distance": 16}),
            "distances up to 16",
        ),
        (
            json!({"relative_attention_max_distance": 1 << 20}),
            "distances up to 1048576",
        ),
    ] {
        let found = error(fields);
        assert!(found.starts_with("DIR/config.json: "), "{found}");
        assert!(found.contains(message), "{found}");
    }
}
