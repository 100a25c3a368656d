//! What lists name, and what is told once where several rules ask for one thing.

use super::*;

#[test]
fn a_name_that_refers_to_nothing_is_told_where_it_stands() {
    const REFERS: &str = r#"require { accounts { refers account by="group" among="group" } }"#;
    let of = |accounts: &str| {
        judge(&[REFERS], &format!("device \"d\" {{ accounts {{ {accounts} }} }}"), None, "site \"s\"", &[])
    };
    assert_eq!(of(r#"account "a" group="ot"; account "b"; group "ot" access="full""#).verdicts, [Verdict::Pass]);
    let run = of(r#"account "a" group="ot"; account "b" group="otto"; group "ot" access="full""#);
    assert_eq!(run.verdicts, [Verdict::Fail]);
    assert_eq!(
        run.told(),
        ["T-1 `group=\"otto\"` `group` is `\"otto\"`; required: the name of an entry of `group` \
          [required: the name of an entry of `group`]"]
    );
    assert_eq!(run.findings[0].path.as_deref(), Some("accounts.account[b].group"));
    // a list that nobody knows may hold it
    assert_eq!(of(r#"account "a" group="ot""#).verdicts, [Verdict::Unknown]);
    let opposite = r#"require { not { accounts { refers account by="group" among="group" } } }"#;
    let none = judge(
        &[opposite],
        "device \"d\" { accounts { account \"a\" group=\"ot\"; group none } }",
        None,
        "site \"s\"",
        &[],
    );
    assert_eq!(none.verdicts, [Verdict::Pass]);
    for wrong in [
        r#"refers account by="password" among="group""#,
        r#"refers name by="group" among="group""#,
        r#"refers account among="group""#,
    ] {
        let (_, findings, _) = pack(&[&format!("require {{ accounts {{ {wrong} }} }}")]);
        assert_eq!(findings.len(), 1, "{wrong}: {findings:#?}");
    }
}

#[test]
fn a_second_finding_at_a_value_says_something_else() {
    let families = |bodies: &[(&str, &str)], own: &str| {
        let mut files = vec![("packs/test/pack.kdl".to_owned(), PACK.to_owned())];
        for (i, (family, body)) in bodies.iter().enumerate() {
            let head = HEAD.replace("x.y", family);
            files.push((format!("packs/test/T-{i}.kdl"), format!("rule \"T-{i}\" {head}\n{body}\n}}")));
        }
        let mut map = SourceMap::new();
        let (packs, findings) = Packs::load(&["test"], &[], &files, &mut map);
        assert!(findings.is_empty(), "{findings:#?}");
        let (site, device) = (site(&mut map, "site \"s\"", &[]), device(&mut map, own, None));
        let complete = device.complete();
        let context = Context {
            now: "2026-03-09T12:00:00Z".parse().unwrap(),
            secrets: &Secrets::Absent,
            files: &NoFiles,
            advisories: &Advisories::shipped(),
            sources: &map,
            changes: None,
            until: Moment::Build,
        };
        let judgement = evaluate(&packs, &site, &[Judged { device: &device, complete: &complete }], &context);
        let rules = |f: &Finding| f.rules.iter().map(|r| r.id.clone()).collect::<Vec<_>>().join(" ");
        judgement.evaluations[0].findings.iter().map(|f| format!("{}: {}", rules(f), f.message)).collect::<Vec<_>>()
    };
    let idle = |limit: &str| format!("require {{ login {{ auto-logout at-most=\"{limit}\" }} }}");
    let (ten, five) = (idle("10 min"), idle("5 min"));
    let wide = "device \"d\" { login { auto-logout \"15 min\" } }";
    // a limit to the same side, and the same demand of two families
    assert_eq!(families(&[("a.a", &ten), ("b.b", &five)], wide).len(), 1);
    assert_eq!(families(&[("a.a", &ten), ("b.b", &ten)], wide).len(), 1);
    // a limit to the other side is another demand
    let least = "require { login { auto-logout at-least=\"20 min\" } }";
    assert_eq!(families(&[("a.a", &ten), ("b.b", least)], wide).len(), 2);
    // what is missing is missed once, and both rules are named
    let told = families(&[("a.a", &ten), ("b.b", least)], "device \"d\" { login { banner \"x\" } }");
    assert_eq!(told, ["T-0 T-1: `login.auto-logout` is not known, and 2 rules ask for it"]);
}

/// The paths and messages of what one rule says of ports.
fn of_ports(require: &str, ports: &str) -> Vec<String> {
    let rule = format!("require {{ ethernet {{ {require} }} }}");
    let run = judge(&[&rule], &format!("device \"d\" {{ ethernet {{ {ports} }} }}"), None, "site \"s\"", &[]);
    run.findings.iter().map(|f| format!("{} {}", f.path.as_deref().unwrap_or(""), f.message)).collect()
}

#[test]
fn what_is_wrong_on_the_line_of_several_ports_is_one_finding() {
    let off = "each port { when { in-use off }; enabled off }";
    let is = "`enabled` is `on`; required: `off`";
    for (ports, told) in [
        (r#"port "1/1-4" enabled=on in-use=off"#, &["ethernet.port[1/1-4].enabled"][..]),
        (r#"port "1/1-4" enabled=on in-use=off; port "1/2" in-use=on"#, &["ethernet.port[1/1,1/3-4].enabled"]),
        (r#"class "spare" enabled=on; port "1/1-2" class="spare" in-use=off"#, &["ethernet.port[1/1-2].enabled"]),
        (
            r#"port "1/1" enabled=on in-use=off; port "1/2" enabled=on in-use=off"#,
            &["ethernet.port[1/1].enabled", "ethernet.port[1/2].enabled"],
        ),
        (r#"port "1/1-4" enabled=off in-use=off"#, &[]),
    ] {
        let found = of_ports(off, ports);
        let paths: Vec<&str> = found.iter().filter_map(|text| text.split(' ').next()).collect();
        assert_eq!(paths, told, "{ports}");
    }
    let some = of_ports(off, r#"port "1/1-4" enabled=on in-use=off; port "1/2" in-use=on"#);
    assert_eq!(some, [format!("ethernet.port[1/1,1/3-4].enabled {is} (`1/1,1/3-4` of `1/1-4`)")]);
}
