//! The work ends at any moment, as where the program is killed: another run goes on with it, or takes it back.

use super::*;

/// Ends the work when it hears so many notes; keeps the first reading, as the sealed backup does.
struct Killed {
    left: usize,
    first: Option<String>,
}

impl Told for Killed {
    fn tell(&mut self, note: Note<'_>) -> Result<(), String> {
        if let (Note::First(seen), None) = (&note, &self.first) {
            self.first = Some(seen.text.to_string());
        }
        self.left = self.left.saturating_sub(1);
        if self.left == 0 { Err("the program was killed".to_owned()) } else { Ok(()) }
    }

    fn goes_back(&mut self, _: &Trouble) -> bool {
        false
    }
}

/// What whoever comes afterwards works with: the way in that works, at the address that answers.
fn afterwards(scene: &Scene, device: &mut Device) -> Option<(Account, IpAddr)> {
    let addresses = [scene.at, "10.20.1.9".parse().unwrap()];
    let at = addresses.into_iter().find(|at| device.answers_at(*at))?;
    let mut ways = std::iter::once(&scene.login).chain(&scene.others);
    let (name, word) =
        ways.find(|(name, word)| device.enter(name, word.as_bytes(), Duration::MAX) != Entry::Refused)?;
    Some((Account { name: name.clone(), password: SecretValue::copy_of(word.as_bytes()) }, at))
}

/// Runs until it is killed, then once more to the end; whether there was anything to go on with.
fn after_a_kill(case: &Case, notes: usize, back: bool, applied: &[String]) -> Option<State> {
    let mut scene = case.scene();
    let device = (scene.start)(Vec::new());
    let before = device.show(false);
    let device = Arc::new(Mutex::new(device));
    let engineer = || Engineer { addresses: vec![scene.me], port: None, over_ssh: true };
    let task = |login: Account| Task {
        device: &scene.goal,
        secrets: &scene.secrets,
        engineer: engineer(),
        approved: None,
        grade: Grade::Likely,
        login,
    };
    let begins = Account { name: scene.login.0.clone(), password: SecretValue::copy_of(scene.login.1.as_bytes()) };
    let mut killed = Killed { left: notes, first: None };
    let ended = apply(&task(begins), None, &mut LabDoor(Arc::clone(&device), &scene), &mut killed);
    if killed.left > 0 {
        return None;
    }
    let (again, at) = afterwards(&scene, &mut device.lock().unwrap())
        .unwrap_or_else(|| panic!("locked out: {} at note {notes}: {ended:?}", case.name));
    let first = Seen::of(&scene.goal, killed.first.unwrap()).unwrap_or_else(|why| panic!("{why}"));
    let case_of = || format!("{} killed at note {notes}, back {back}: {ended:?}", case.name);
    let ending = {
        let other = Scene { at, ..case.scene() };
        let mut heard = Heard { back: false, said: Vec::new(), device: Arc::clone(&device), steps: Vec::new() };
        let mut door = LabDoor(Arc::clone(&device), &other);
        let task = task(again);
        if back {
            undo(&task, &first, &mut door, &mut heard)
        } else {
            apply(&task, Some(&first), &mut door, &mut heard)
        }
    };
    scene.at = at;
    let mut device = device.lock().unwrap();
    let (running, startup) = (device.show(false), device.show(true));
    let told = format!("{}\n{ending:?}\n{running:#?}", case_of());
    let bare = |lines: &[String]| -> Vec<String> {
        lines.iter().filter(|line| !line.contains("password ")).cloned().collect()
    };
    match (back, ending.state) {
        (false, _) => {
            assert!(ending.is_done() && ending.saved == Some(true) && running == applied, "{told}");
        }
        (true, State::AsBefore) => assert_eq!(bare(&running), bare(&before), "{told}"),
        // a password that was set, and what the device had no word of, nobody takes back: that is said
        (true, _) => assert!(ending.back.is_some() || ending.trouble.is_some(), "{told}"),
    }
    if ending.saved == Some(true) {
        assert_eq!(startup, running, "{told}");
    }
    assert!(afterwards(&scene, &mut device).is_some(), "locked out: {told}");
    for canary in &scene.canaries {
        assert!(!told.contains(canary), "{told}");
    }
    Some(ending.state)
}

/// Whatever moment it was killed at: going on ends as described and saved; taking it back ends as before, or says what
/// nobody brings back.
#[test]
fn what_was_broken_off_anywhere_is_gone_on_with_or_taken_back() {
    let (mut on, mut back) = (0, 0);
    for case in &CASES {
        let applied = rehearse(&case.scene(), Vec::new(), true).device.lock().unwrap().show(false);
        for notes in 1.. {
            if after_a_kill(case, notes, false, &applied).is_none() {
                break;
            }
            on += 1;
            back += usize::from(after_a_kill(case, notes, true, &applied) == Some(State::AsBefore));
        }
    }
    println!("gone on with {on} times, taken back {back} times");
    assert!(on > 50 && back >= 20, "{on} {back}");
}
