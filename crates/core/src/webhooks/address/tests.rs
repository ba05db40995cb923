use super::*;
use proptest::prelude::*;

fn public() -> Reach {
    Reach::default()
}

#[test]
fn nothing_but_the_public_internet_is_reached() {
    for ip in [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:0:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::8.8.8.8",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:10::1",
        "2001:20::1",
        "2001:1ff::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "2002:808:808::1",
        "3fff::1",
        "3fff:fff::1",
        "5f00::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ] {
        assert!(!public().may_reach(ip.parse().unwrap()), "{ip}");
    }
    for ip in [
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "::ffff:8.8.8.8",
        "2001:200::1",
        "2001:4860:4860::8888",
        "2606:4700::1111",
        "2a00:1450:4001:81a::200e",
        "3fff:1000::1",
    ] {
        assert!(public().may_reach(ip.parse().unwrap()), "{ip}");
    }
}

#[test]
fn literals_are_seen_through_however_they_are_written() {
    for address in [
        "http://127.0.0.1/",
        "http://127.1/",
        "http://0x7f.1/",
        "http://0x7f000001/",
        "http://2130706433/",
        "http://0177.0.0.1/",
        "http://127.0.0.1./",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:7f00:1]/",
        "http://[0:0:0:0:0:0:0:1]:8080/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
        "http://[fd00:ec2::254]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://①②⑦.⓪.⓪.①/",
        "http://127。0。0。1/",
        "http://%31%32%37.0.0.1/",
        "https://localhost/",
        "https://LOCALHOST./",
        "https://shop.localhost/",
        "http://0/",
    ] {
        let refused = public().check(address);
        assert!(
            matches!(refused, Err(BadAddress::NotPublic(_))),
            "{address}: {refused:?}"
        );
    }
}

#[test]
fn an_address_says_what_is_wrong_with_it() {
    for (address, wrong) in [
        ("", BadAddress::NotAnAddress),
        ("example.com/hook", BadAddress::NotAnAddress),
        ("https://", BadAddress::NotAnAddress),
        ("http://[fe80::1%eth0]/", BadAddress::NotAnAddress),
        ("ftp://example.com/", BadAddress::Scheme),
        ("file:///etc/passwd", BadAddress::Scheme),
        ("gopher://example.com:6379/_", BadAddress::Scheme),
        ("https://ana:secret@example.com/", BadAddress::Credentials),
        ("https://ana@example.com/", BadAddress::Credentials),
        ("https://example.com/#part", BadAddress::Fragment),
        ("http://example.com:22/", BadAddress::Port(22)),
        ("http://example.com:25/", BadAddress::Port(25)),
        ("http://example.com:0/", BadAddress::Port(0)),
        ("http://example.com:5432/", BadAddress::Port(5432)),
        ("http://example.com:6379/", BadAddress::Port(6379)),
    ] {
        assert_eq!(public().check(address), Err(wrong), "{address}");
    }
    let long = format!("https://example.com/{}", "x".repeat(MOST));
    assert_eq!(public().check(&long), Err(BadAddress::TooLong));
    for good in [
        "https://example.com",
        " https://example.com/hooks?shop=7 ",
        "http://hooks.example.com:8080/in",
        "https://8.8.8.8:8443/",
        "https://[2606:4700::1111]/",
        "https://müller.example/",
    ] {
        assert!(public().check(good).is_ok(), "{good}");
    }
}

#[test]
fn the_operator_may_open_networks() {
    let reach = Reach::new(vec![
        "10.1.0.0/16".parse().unwrap(),
        "fd00::/8".parse().unwrap(),
    ]);
    assert!(reach.check("http://10.1.2.3:8080/").is_ok());
    assert!(reach.check("http://[::ffff:10.1.2.3]:8080/").is_ok());
    assert!(reach.check("http://[fd00::7]/").is_ok());
    assert!(reach.check("http://10.2.0.1/").is_err());
    assert!(reach.check("http://localhost/").is_err());
    let reach = Reach::new(vec!["127.0.0.0/8".parse().unwrap()]);
    assert!(reach.check("http://localhost:9000/").is_ok());
    assert!(reach.check("http://10.1.2.3/").is_err());
    assert!(
        reach.check("http://127.0.0.1:5432/").is_err(),
        "ports stay closed"
    );
}

proptest! {
    #[test]
    fn an_address_in_disguise_is_treated_as_what_it_is(ip in any::<u32>()) {
        let plain = Ipv4Addr::from_bits(ip);
        prop_assert_eq!(
            public().may_reach(plain.into()),
            public().may_reach(plain.to_ipv6_mapped().into())
        );
        // Tunnels and translators would carry it anywhere.
        for (a, b) in [(0x64, 0xff9b), (0x2002, 0), (0, 0)] {
            let [high, low] = [(ip >> 16) as u16, (ip & 0xffff) as u16];
            let wrapped = if a == 0x2002 {
                Ipv6Addr::new(a, high, low, 0, 0, 0, 0, 1)
            } else {
                Ipv6Addr::new(a, b, 0, 0, 0, 0, high, low)
            };
            prop_assert!(!public().may_reach(wrapped.into()));
        }
    }

    #[test]
    fn nothing_panics(address in ".{0,60}") {
        let _ = public().check(&address);
    }

    #[test]
    fn what_is_let_through_leads_to_a_public_literal_or_to_a_name(ip in any::<u128>()) {
        let ip = Ipv6Addr::from_bits(ip);
        let address = format!("https://[{ip}]/");
        prop_assert_eq!(public().check(&address).is_ok(), public().may_reach(ip.into()));
    }
}
