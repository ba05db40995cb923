//! A security key in software: just enough of `WebAuthn` to be asked and to answer.
use aws_lc_rs::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _},
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

pub(super) const ORIGIN: &str = "http://localhost:8080";
const SITE: &str = "localhost";
const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const NEW_KEY: u8 = 0x40;

pub(super) struct Authenticator {
    keys: EcdsaKeyPair,
    pub(super) id: Vec<u8>,
    /// Whose key it is, as the site calls them.
    pub(super) handle: Vec<u8>,
    counter: u32,
    pub(super) verifies: bool,
    pub(super) origin: &'static str,
}

fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Authenticator {
    pub(super) fn new() -> Self {
        let random = SystemRandom::new();
        let document =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &random).unwrap();
        let keys =
            EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, document.as_ref()).unwrap();
        let id = Sha256::digest(keys.public_key().as_ref()).to_vec();
        Self {
            keys,
            id,
            handle: Vec::new(),
            counter: 0,
            verifies: true,
            origin: ORIGIN,
        }
    }

    /// Answers what `navigator.credentials.create` was asked.
    pub(super) fn create(&mut self, asked: &Value) -> Value {
        let asked = &asked["publicKey"];
        assert_eq!(asked["rp"]["id"], SITE);
        let handle = asked["user"]["id"].as_str().unwrap();
        self.handle = URL_SAFE_NO_PAD.decode(handle).unwrap();
        let client = self.client("webauthn.create", asked);
        let data = self.data(NEW_KEY);
        let mut object = vec![0xa3];
        object.extend(b"\x63fmt\x64none\x67attStmt\xa0\x68authData\x59");
        object.extend(u16::try_from(data.len()).unwrap().to_be_bytes());
        object.extend(&data);
        json!({
            "id": text(&self.id), "rawId": text(&self.id), "type": "public-key", "extensions": {},
            "response": {
                "attestationObject": text(&object), "clientDataJSON": text(client.as_bytes()), "transports": ["usb"],
            },
        })
    }

    /// Answers what `navigator.credentials.get` was asked.
    pub(super) fn get(&mut self, asked: &Value) -> Value {
        let client = self.client("webauthn.get", &asked["publicKey"]);
        self.counter += 1;
        let data = self.data(0);
        let signed = [data.as_slice(), &Sha256::digest(client.as_bytes())].concat();
        let signature = self.keys.sign(&SystemRandom::new(), &signed).unwrap();
        json!({
            "id": text(&self.id), "rawId": text(&self.id), "type": "public-key", "extensions": {},
            "response": {
                "authenticatorData": text(&data), "clientDataJSON": text(client.as_bytes()),
                "signature": text(signature.as_ref()), "userHandle": text(&self.handle),
            },
        })
    }

    fn client(&self, kind: &str, asked: &Value) -> String {
        json!({
            "type": kind, "challenge": asked["challenge"], "origin": self.origin, "crossOrigin": false,
        })
        .to_string()
    }

    fn data(&self, more: u8) -> Vec<u8> {
        let verified = if self.verifies { VERIFIED } else { 0 };
        let mut data = Sha256::digest(SITE.as_bytes()).to_vec();
        data.push(PRESENT | verified | more);
        data.extend(self.counter.to_be_bytes());
        if more == NEW_KEY {
            data.extend([0; 16]);
            data.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
            data.extend(&self.id);
            // A point of P-256: { 1: 2, 3: -7, -1: 1, -2: x, -3: y }.
            let (x, y) = self.keys.public_key().as_ref()[1..].split_at(32);
            data.extend(b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20");
            data.extend(x);
            data.extend(b"\x22\x58\x20");
            data.extend(y);
        }
        data
    }
}
