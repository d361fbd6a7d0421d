//! Modules that activation accepts and that are as hard on a compiler as their size lets them be.

/// A kind of module that can be made in any size.
pub struct Shape {
    /// Its name.
    pub what: &'static str,
    /// Size, counted in what `code` repeats, near the limit of 128 KiB or of what fits into its functions.
    pub full: u32,
    /// Functions and other fields in the text format, for a size.
    code: fn(u32) -> String,
}

/// All shapes.
pub const SHAPES: [Shape; 21] = [
    shape("rotations", 42_000, |n| {
        spread(n, 21_000, |n| {
            function(
                0,
                &format!("local.get 0 {}", repeat(n, |_| "local.get 0 i32.rotl ")),
            )
        })
    }),
    shape("sums of constants", 29_000, |n| {
        spread(n, 20_000, |n| {
            function(
                0,
                &format!(
                    "local.get 0 {}",
                    repeat(n, |i| format!("i32.const {} i32.add ", 70 + i))
                ),
            )
        })
    }),
    shape("loads", 42_000, |n| {
        spread(n, 32_000, |n| {
            function(
                0,
                &format!("local.get 0 {}", "i32.load ".repeat(n as usize)),
            )
        })
    }),
    shape("a layer of a network, straight-line", 8_500, |n| {
        function(
            32,
            &format!(
                "i64.const 0 {} i32.wrap_i64",
                repeat(n, |i| format!(
                    "local.get {} i64.const {} i64.mul i64.add ",
                    1 + i % 32,
                    (u64::from(i) + 1)
                        .wrapping_mul(0x0101_0203_0405_0607)
                        .cast_signed()
                ))
            ),
        )
    }),
    shape("functions", 4_095, |n| {
        repeat(n, |_| function(0, "local.get 0"))
    }),
    shape("functions of 348 locals", 4_095, |n| {
        repeat(n, |_| {
            function(348, "local.get 0 if end local.get 0 if end local.get 0")
        })
    }),
    shape("nested blocks", 42_000, |n| {
        spread(n, 2_500, |n| {
            function(
                0,
                &format!(
                    "{}{}local.get 0",
                    "block ".repeat(n as usize),
                    "end ".repeat(n as usize)
                ),
            )
        })
    }),
    shape("empty loops", 42_000, |n| {
        spread(n, 2_500, |n| {
            function(0, &format!("{}local.get 0", "loop end ".repeat(n as usize)))
        })
    }),
    shape("globals between blocks", 16_000, |n| {
        let globals = "(global (mut i64) (i64.const 0))".repeat(120);
        let code = spread(n, 3_200, |n| {
            let between = |i| {
                format!(
                    "global.get {} global.set {} block end ",
                    i % 100,
                    i * 7 % 120
                )
            };
            function(0, &format!("{} local.get 0", repeat(n, between)))
        });
        globals + &code
    }),
    shape("ifs that each change one of 348 locals", 9_500, |n| {
        spread(n, 1_900, |n| {
            function(348, &format!("{} local.get 0", ifs(n)))
        })
    }),
    shape("the same ifs in a loop", 9_500, |n| {
        spread(n, 1_900, |n| {
            function(
                348,
                &format!("loop {} local.get 0 br_if 0 end local.get 0", ifs(n)),
            )
        })
    }),
    shape("loops in sequence, 348 locals", 8_400, |n| {
        spread(n, 1_200, |n| {
            let one = |i| format!("loop {} local.get 0 br_if 0 end ", change(i));
            function(348, &format!("{} local.get 0", repeat(n, one)))
        })
    }),
    shape("nested loops, 348 locals", 12_000, |n| {
        spread(n, 1_000, |n| {
            function(
                348,
                &format!(
                    "{}{}{}{}local.get 0",
                    "loop ".repeat(n as usize),
                    repeat(348, change),
                    repeat(n, |i| format!("local.get 0 br_if {i} ")),
                    "end ".repeat(n as usize),
                ),
            )
        })
    }),
    shape("br_tables to as many blocks", 350, |n| {
        let table: String = repeat(n, |i| format!("{} ", i + 1));
        function(
            348,
            &format!(
                "loop {}{}{}local.get 0 br_if 0 end local.get 0",
                "block ".repeat(n as usize),
                format!("local.get 0 if local.get 0 br_table {table} 0 end ")
                    .repeat((60_000 / n).min(n) as usize),
                repeat(n, |i| format!("end {}", change(i))),
            ),
        )
    }),
    shape("br_tables to 1,000 nested loops", 40, |n| {
        let table: String = repeat(1_000, |i| format!("{} ", i + 1));
        spread(n, 5, |n| {
            function(
                348,
                &format!(
                    "{}{}{}{}local.get 0",
                    "loop ".repeat(1_000),
                    repeat(348, change),
                    format!("local.get 0 if local.get 0 br_table {table} 0 end ")
                        .repeat(n as usize),
                    "end ".repeat(1_000),
                ),
            )
        })
    }),
    shape("call_indirect", 25_800, |n| {
        let code = spread(n, 4_300, |n| {
            function(
                0,
                &format!(
                    "local.get 0 {}",
                    "local.get 0 call_indirect (type 0) ".repeat(n as usize)
                ),
            )
        });
        format!("(table 1 1 funcref) (elem (i32.const 0) func 0) {code}")
    }),
    shape("memory.fill", 14_000, |n| {
        spread(n, 2_800, |n| {
            function(
                0,
                &format!(
                    "{}local.get 0",
                    "local.get 0 local.get 0 local.get 0 memory.fill ".repeat(n as usize)
                ),
            )
        })
    }),
    shape("br_ifs over 3,000 values", 4_500, |n| {
        spread(n, 1_500, |n| {
            function(
                0,
                &format!(
                    "loop end {} {} {}",
                    repeat(3_000, |i| format!("local.get 0 i32.const {i} i32.mul ")),
                    "block local.get 0 br_if 0 end ".repeat(n as usize),
                    "i32.xor ".repeat(2_999),
                ),
            )
        })
    }),
    shape("calls that give 1,000 results", 4_000, |n| {
        wide(&format!("{} ", "call $wide ".repeat(n as usize)))
    }),
    shape("nested loops of 1,000 results", 500, |n| {
        wide(&format!(
            "{}{}{}",
            "loop (type $wide) ".repeat(n as usize),
            repeat(n, |i| format!("local.get 0 br_if {i} ")),
            "end ".repeat(n as usize),
        ))
    }),
    shape("a table of 4,096 entries, 80 KB of data", 80_000, |n| {
        format!(
            "(table 4096 4096 funcref) (elem (i32.const 0) func {}) (data (i32.const 0) \"{}\")",
            "0 ".repeat(4_000),
            repeat(n, |i| char::from(b'a' + (i % 26) as u8).to_string()),
        )
    }),
];

const fn shape(what: &'static str, full: u32, code: fn(u32) -> String) -> Shape {
    Shape { what, full, code }
}

impl Shape {
    /// The module of a size.
    pub fn wasm(&self, size: u32) -> Vec<u8> {
        let wat = format!(
            "(module (type (func (param i32) (result i32))) (memory (export \"memory\") 2 2) {}
               (func (export \"user_entrypoint\") (param i32) (result i32) local.get 0))",
            (self.code)(size)
        );
        wat::parse_str(wat).unwrap()
    }
}

/// As many functions as `count` things need, with at most `per` in one.
fn spread(count: u32, per: u32, one: impl Fn(u32) -> String) -> String {
    let whole = one(per).repeat((count / per) as usize);
    match count % per {
        0 => whole,
        rest => whole + &one(rest),
    }
}

fn repeat<T: AsRef<str>>(count: u32, part: impl Fn(u32) -> T) -> String {
    (0..count).fold(String::new(), |all, index| all + part(index).as_ref())
}

fn function(locals: usize, body: &str) -> String {
    let locals = "i64 ".repeat(locals);
    format!("(func (param i32) (result i32) (local {locals}) {body})")
}

/// Changes one of 348 locals.
fn change(index: u32) -> String {
    let (from, to) = (1 + index % 348, 1 + (index + 31) % 348);
    format!("local.get {from} i64.const 3 i64.add local.set {to} ")
}

fn ifs(count: u32) -> String {
    repeat(count, |index| {
        format!("local.get 0 if {} end ", change(index))
    })
}

/// A function whose body finds 1,000 values on its stack and leaves as many; `$wide` is the type of what takes and gives
/// them, and a function of that type.
fn wide(body: &str) -> String {
    let values = "i64 ".repeat(1_000);
    let gets = repeat(1_000, |index| format!("local.get {index} "));
    format!(
        "(type $wide (func (param {values}) (result {values})))
         (func $wide (type $wide) {gets})
         (func $first (result {values}) {})
         (func (param i32) (result {values}) call $first {body})",
        "i64.const 1 ".repeat(1_000)
    )
}
