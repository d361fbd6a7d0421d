#!/bin/sh
# Fuzz what takes untrusted wasm: `make fuzz`, or `SECONDS_EACH=60 make fuzz` for a short run.
# The corpora continue from what is committed; a crash is left in crates/stylus-rules/fuzz/artifacts.
set -eu
cd "$(dirname "$0")/../crates/stylus-rules/fuzz"
command -v cargo-fuzz >/dev/null || {
    echo "cargo-fuzz is missing; next: cargo install cargo-fuzz --locked" >&2
    exit 1
}
# libFuzzer's instrumentation is unstable in rustc; this lets the stable compiler have it.
export RUSTC_BOOTSTRAP=1
for target in parse instrument; do
    mkdir -p "corpus/$target"
    if [ -f "corpus/$target.tar.gz" ]; then
        tar -xzf "corpus/$target.tar.gz" -C "corpus/$target" --skip-old-files
    fi
    cargo fuzz run --sanitizer none "$target" -- \
        -max_total_time="${SECONDS_EACH:-3600}" -max_len=65536 -rss_limit_mb=4096 -timeout=60
done
