//! Ethereum's precompiled contracts: results and gas, by vectors of the EIPs, at the fork of ArbOS 51 to 61 (Osaka).
//! ArbOS 30 and 40 are tested in `src/evm/transact.rs`, as no node serves them.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod common;

use alloy_primitives::{Address, Bytes, U256, hex};
use common::Node;
use common::contracts::{Evm, op};
use serde_json::json;

/// Where a precompile stands.
fn at(number: u64) -> Address {
    Address::from_word(U256::from(number).into())
}

/// What a precompile gives, and the gas that it takes beside the call; `None` where it fails.
fn call(node: &Node, number: u64, input: &[u8]) -> Option<(Bytes, u64)> {
    let fields = json!({ "data": Bytes::copy_from_slice(input), "gas": "0x1312d00" });
    let forward = Evm::new().forward(op::STATICCALL, at(number)).store(1);
    let measured = node.run_with(&Evm::new().measure(0, forward).give(2), fields.clone());
    if measured[1].is_zero() {
        return None;
    }
    // The word that takes the success lies beyond short calldata, so that its memory is paid here.
    let words = (input.len() as u64).div_ceil(32);
    let memory = |words: u64| 3 * words + words * words / 512;
    let stored = 3 + 3 + memory(words.max(2)) - memory(words);
    let around = Evm::forwarding(op::STATICCALL, input.len() as u64) + 100 + stored;
    let returning = Evm::new()
        .forward(op::STATICCALL, at(number))
        .op(op::POP)
        .op(op::RETURNDATASIZE)
        .push(0)
        .push(0)
        .op(op::RETURNDATACOPY)
        .op(op::RETURNDATASIZE)
        .push(0)
        .op(op::RETURN);
    let output = node.run_with(&returning, fields);
    let output = output.iter().flat_map(U256::to_be_bytes::<32>).collect();
    Some((output, measured[0].to::<u64>() - around))
}

/// The precompile gives this for that gas.
#[track_caller]
fn check(node: &Node, number: u64, input: &[u8], expected: &[u8], gas: u64) {
    let found = call(node, number, input);
    assert_eq!(
        found,
        Some((Bytes::copy_from_slice(expected), gas)),
        "precompile {number:#x}"
    );
}

fn number(value: u64) -> [u8; 32] {
    U256::from(value).to_be_bytes()
}

#[test]
fn signatures_and_hashes() {
    let node = Node::start(&[]);
    // A signature by the account 0x7156…; 3,000 gas.
    let signed = [
        hex!("456e9aea5e197a1f1af7a3e85a3212fa4049a3ba34c2289b4c860fc0b0c64ef3"),
        number(28),
        hex!("9242685bf161793cc25603c231bc2f568eb630ea16aa137d2664ac8038825608"),
        hex!("4f8ae3bd7535248d0bd448298cc2e2071e56992d0774dc340c368ae950852ada"),
    ]
    .concat();
    let signer = hex!("0000000000000000000000007156526fbd7a3c72969b54f64e42c10fbb768c8a");
    check(&node, 1, &signed, &signer, 3000);
    // Of "abc": 60 and 12 per word, 600 and 120 per word, 15 and 3 per word.
    let sha256 = hex!("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    check(&node, 2, b"abc", &sha256, 60 + 12);
    let ripemd160 = hex!("0000000000000000000000008eb208f7e05d987a9b044a8e98c6b087f15a0bfc");
    check(&node, 3, b"abc", &ripemd160, 600 + 120);
    check(&node, 4, &[7; 64], &[7; 64], 15 + 3 * 2);
    // EIP-152, vector 5: BLAKE2b of "abc", one gas per round.
    let blake2 = [
        hex!("0000000c").as_slice(),
        &hex!("48c9bdf267e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5"),
        &hex!("d182e6ad7f520e511f6c3e2b8c68059b6bbd41fbabd9831f79217e1319cde05b"),
        b"abc",
        &[0; 125],
        &hex!("0300000000000000000000000000000001"),
    ]
    .concat();
    let digest = hex!(
        "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923"
    );
    check(&node, 9, &blake2, &digest, 12);
}

#[test]
fn modular_powers_by_eip_7883_and_7823() {
    let node = Node::start(&[]);
    let power = |base: &[u8], exponent: &[u8], modulus: &[u8]| {
        let lengths = [base, exponent, modulus].map(|part| number(part.len() as u64));
        [
            lengths.concat(),
            base.to_vec(),
            exponent.to_vec(),
            modulus.to_vec(),
        ]
        .concat()
    };
    // EIP-198's first example: 3 to a power of 256 bits; 16 for up to 32 bytes, times 255 bits below the first.
    let exponent = hex!("fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2e");
    let modulus = hex!("fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f");
    check(
        &node,
        5,
        &power(&[3], &exponent, &modulus),
        &number(1),
        16 * 255,
    );
    // At least 500.
    check(
        &node,
        5,
        &power(&number(2), &[5], &number(100)),
        &number(32),
        500,
    );
    // Above 32 bytes: twice the square of the words of 8 bytes. Numbers of up to 1,024 bytes are taken.
    let wide = |len: usize| power(&vec![1; len], &[2], &[vec![0; len - 1], vec![1]].concat());
    check(&node, 5, &wide(64), &[0; 64], 500);
    check(&node, 5, &wide(1024), &[0; 1024], 2 * 128 * 128);
    assert_eq!(call(&node, 5, &wide(1025)), None);
}

#[test]
fn curve_bn254() {
    let node = Node::start(&[]);
    let generator = [number(1), number(2)].concat();
    let doubled = hex!(
        "030644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd315ed738c0e0a7c92e7845f96b2ae9c0a68a6a449e3538fc7ff3ebf7a5a18a2c4"
    );
    check(
        &node,
        6,
        &[generator.clone(), generator.clone()].concat(),
        &doubled,
        150,
    );
    check(
        &node,
        7,
        &[generator.clone(), number(2).to_vec()].concat(),
        &doubled,
        6000,
    );
    check(&node, 8, &[], &number(1), 45_000);
    // e(G, H) · e(-G, H) = 1: H of EIP-197, y of -G is p - 2.
    let negative = [
        number(1),
        hex!("30644e72e131a029b85045b68181585d97816a916871ca8d3c208c16d87cfd45"),
    ]
    .concat();
    let second = hex!(
        "198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c21800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa"
    );
    let pairs = [generator.as_slice(), &second, &negative, &second].concat();
    check(&node, 8, &pairs, &number(1), 45_000 + 2 * 34_000);
    let unequal = [generator.as_slice(), &second, &generator, &second].concat();
    check(&node, 8, &unequal, &number(0), 45_000 + 2 * 34_000);
    assert_eq!(call(&node, 6, &[number(1), number(1)].concat()), None);
}

#[test]
fn point_evaluation_of_eip_4844() {
    let node = Node::start(&[]);
    // consensus-spec-tests, verify_kzg_proof_case_correct_proof: commitment, z, y, proof.
    let commitment = hex!(
        "8f59a8d2a1a625a17f3fea0fe5eb8c896db3764f3185481bc22f91b4aaffcca25f26936857bc3a7c2539ea8ec3a952b7"
    );
    let z = hex!("73eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000000");
    let y = hex!("1522a4a7f34e1ea350ae07c29c96c7e79655aa926122e95fe69fcbd932ca49e9");
    let proof = hex!(
        "a62ad71d14c5719385c0686f1871430475bf3a00f0aa3f7b8dd99a9abc2160744faf0070725e00b60ad9a026a15b1a8c"
    );
    let (hash, _) = call(&node, 2, &commitment).unwrap();
    let mut versioned = hash.to_vec();
    versioned[0] = 1;
    let input = [versioned.as_slice(), &z, &y, &commitment, &proof].concat();
    let constants = hex!(
        "000000000000000000000000000000000000000000000000000000000000100073eda753299d7d483339d80809a1d80553bda402fffe5bfeffffffff00000001"
    );
    check(&node, 0x0a, &input, &constants, 50_000);
    let mut wrong = input;
    wrong[95] ^= 1;
    assert_eq!(call(&node, 0x0a, &wrong), None);
}

/// Field elements of BLS12-381 as EIP-2537 encodes them: 64 bytes each.
fn fields(elements: &[[u8; 48]]) -> Vec<u8> {
    elements
        .iter()
        .flat_map(|element| [[0; 16].as_slice(), element].concat())
        .collect()
}

#[test]
fn curve_bls12_381_of_eip_2537() {
    let node = Node::start(&[]);
    let g1 = fields(&[
        hex!(
            "17f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb"
        ),
        hex!(
            "08b3f481e3aaa0f1a09e30ed741d8ae4fcf5e095d5d00af600db18cb2c04b3edd03cc744a2888ae40caa232946c5e7e1"
        ),
    ]);
    let negative_g1 = fields(&[
        hex!(
            "17f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb"
        ),
        hex!(
            "114d1d6855d545a8aa7d76c8cf2e21f267816aef1db507c96655b9d5caac42364e6f38ba0ecb751bad54dcd6b939c2ca"
        ),
    ]);
    let doubled_g1 = fields(&[
        hex!(
            "0572cbea904d67468808c8eb50a9450c9721db309128012543902d0ac358a62ae28f75bb8f1c7c42c39a8c5529bf0f4e"
        ),
        hex!(
            "166a9d8cabc673a322fda673779d8e3822ba3ecb8670e461f73bb9021d5fd76a4c56d9d4cd16bd1bba86881979749d28"
        ),
    ]);
    let g2 = fields(&[
        hex!(
            "024aa2b2f08f0a91260805272dc51051c6e47ad4fa403b02b4510b647ae3d1770bac0326a805bbefd48056c8c121bdb8"
        ),
        hex!(
            "13e02b6052719f607dacd3a088274f65596bd0d09920b61ab5da61bbdc7f5049334cf11213945d57e5ac7d055d042b7e"
        ),
        hex!(
            "0ce5d527727d6e118cc9cdc6da2e351aadfd9baa8cbdd3a76d429a695160d12c923ac9cc3baca289e193548608b82801"
        ),
        hex!(
            "0606c4a02ea734cc32acd2b02bc28b99cb3e287e85a763af267492ab572e99ab3f370d275cec1da1aaa9075ff05f79be"
        ),
    ]);
    let doubled_g2 = fields(&[
        hex!(
            "1638533957d540a9d2370f17cc7ed5863bc0b995b8825e0ee1ea1e1e4d00dbae81f14b0bf3611b78c952aacab827a053"
        ),
        hex!(
            "0a4edef9c1ed7f729f520e47730a124fd70662a904ba1074728114d1031e1572c6c886f6b57ec72a6178288c47c33577"
        ),
        hex!(
            "0468fb440d82b0630aeb8dca2b5256789a66da69bf91009cbfe6bd221e47aa8ae88dece9764bf3bd999d95d71e4c9899"
        ),
        hex!(
            "0f6d4552fa65dd2638b361543f887136a43253d9c66c411697003f7a13c308f5422e1aa0a59c8967acdefd8b6e36ccf3"
        ),
    ]);
    let join = |parts: &[&[u8]]| parts.concat();
    let two = number(2);
    // g1+g1=2*g1, g2+g2=2*g2 of the EIP's vectors, by adding and by multiplying.
    check(&node, 0x0b, &join(&[&g1, &g1]), &doubled_g1, 375);
    check(&node, 0x0c, &join(&[&g1, &two]), &doubled_g1, 12_000);
    check(&node, 0x0d, &join(&[&g2, &g2]), &doubled_g2, 600);
    check(&node, 0x0e, &join(&[&g2, &two]), &doubled_g2, 22_500);
    // Several at once are cheaper: a discount of 949 and 1,000 thousandths for two.
    check(
        &node,
        0x0c,
        &join(&[&g1, &number(1), &g1, &number(1)]),
        &doubled_g1,
        2 * 12_000 * 949 / 1000,
    );
    check(
        &node,
        0x0e,
        &join(&[&g2, &number(1), &g2, &number(1)]),
        &doubled_g2,
        2 * 22_500,
    );
    // e(G1, 2*G2) = e(2*G1, G2).
    let pairs = join(&[&negative_g1, &doubled_g2, &doubled_g1, &g2]);
    check(&node, 0x0f, &pairs, &number(1), 37_700 + 2 * 32_600);
    check(&node, 0x0f, &join(&[&g1, &g2]), &number(0), 37_700 + 32_600);
    // Mapping: bls_g1map_ and bls_g2map_ of the EIP's vectors.
    let element = hex!(
        "156c8a6a2c184569d69a76be144b5cdc5141d2d2ca4fe341f011e25e3969c55ad9e9b9ce2eb833c81a908e5fa4ac5f03"
    );
    let point = fields(&[
        hex!(
            "184bb665c37ff561a89ec2122dd343f20e0f4cbcaec84e3c3052ea81d1834e192c426074b02ed3dca4e7676ce4ce48ba"
        ),
        hex!(
            "04407b8d35af4dacc809927071fc0405218f1401a6d15af775810e4e460064bcc9468beeba82fdc751be70476c888bf3"
        ),
    ]);
    check(&node, 0x10, &fields(&[element]), &point, 5500);
    let element = fields(&[
        hex!(
            "07355d25caf6e7f2f0cb2812ca0e513bd026ed09dda65b177500fa31714e09ea0ded3a078b526bed3307f804d4b93b04"
        ),
        hex!(
            "02829ce3c021339ccb5caf3e187f6370e1e2a311dec9b75363117063ab2015603ff52c3d3b98f19c2f65575e99e8b78c"
        ),
    ]);
    let point = fields(&[
        hex!(
            "00e7f4568a82b4b7dc1f14c6aaa055edf51502319c723c4dc2688c7fe5944c213f510328082396515734b6612c4e7bb7"
        ),
        hex!(
            "126b855e9e69b1f691f816e48ac6977664d24d99f8724868a184186469ddfd4617367e94527d4b74fc86413483afb35b"
        ),
        hex!(
            "0caead0fd7b6176c01436833c79d305c78be307da5f6af6c133c47311def6ff1e0babf57a0fb5539fce7ee12407b0a42"
        ),
        hex!(
            "1498aadcf7ae2b345243e281ae076df6de84455d766ab6fcdaad71fab60abb2e8b980a440043cd305db09d283c895e3d"
        ),
    ]);
    check(&node, 0x11, &element, &point, 23_800);
    assert_eq!(call(&node, 0x0b, &g1), None);
}

#[test]
fn signatures_on_secp256r1_of_eip_7951() {
    for version in ["51", "60", "61"] {
        let node = Node::start(&["--arbos", version]);
        let mut signed = hex!(
            "4cee90eb86eaa050036147a12d49004b6b9c72bd725d39d4785011fe190f0b4da73bd4903f0ce3b639bbbf6e8e80d16931ff4bcf5993d58468e8fb19086e8cac36dbcd03009df8c59286b162af3bd7fcc0450c9aa81be5d10d312af6c66b1d604aebd3099c618202fcfe16ae7770b0c49ab5eadf74b754204a3bb6060e44eff37618b065f9832de4ca6ca971a7a1adc826d0f7c00181a5fb2ddf79ae00b4e10e"
        );
        check(&node, 0x100, &signed, &number(1), 6900);
        signed[0] ^= 1;
        check(&node, 0x100, &signed, &[], 6900);
        check(&node, 0x100, &[], &[], 6900);
    }
}

#[test]
fn nothing_else_stands_among_them() {
    let node = Node::start(&[]);
    for address in [0x12, 0x63, 0xff_ff, 0x101] {
        let balance = Evm::new().address(at(address)).op(op::BALANCE).op(op::POP);
        let measured = node.run(&Evm::new().measure(0, balance).give(1));
        assert_eq!(
            measured,
            [U256::from(3 + 2600 + 2)],
            "{address:#x} is not warm"
        );
    }
}
