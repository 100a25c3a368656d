// The page of a sheet, used as a person does. Each test says what must hold.
const fs = require("fs")
const os = require("os")
const path = require("path")
const { test, inChromium, engine, is, holds, open, before, identify, secondLogin, answer, saved, statuses, run, urlOf, launch, secrets, sheets, accessible, pagesOf } = require("./harness.cjs")

test("opens from a disk: no request, no complaint, only links to the device, nothing else may run", async browser => {
  for (const device of ["np02", "np07", "ps7-router", "sw04"]) {
    const page = await open(browser, device)
    is(page.complaints, [], device)
    const links = await page.$$eval("a[href]", all => all.map(a => a.getAttribute("href")).filter(href => !href.startsWith("#")))
    holds(links.every(href => /^https?:\/\/[0-9.]+\/$/.test(href)), `links ${links}`)
    await page.evaluate(() => {
      const add = (tag, set) => document.body.append(Object.assign(document.createElement(tag), set))
      add("script", { textContent: "window.ran = 1" })
      add("img", { src: "x", onerror: () => { window.loaded = 1 } })
    })
    is(await page.evaluate(() => window.ran), undefined, "an injected script")
    holds((await page.content()).includes("default-src 'none'"), "its policy")
  }
})

inChromium("no secret stands in a page", async () => {
  const values = fs.readdirSync(secrets, { recursive: true, withFileTypes: true }).filter(file => file.isFile())
    .map(file => fs.readFileSync(path.join(file.parentPath ?? file.path, file.name), "utf8").trim()).filter(text => text.length > 5)
  holds(values.length > 3, "there are secrets")
  for (const name of fs.readdirSync(sheets)) {
    const text = fs.readFileSync(path.join(sheets, name), "utf8")
    holds(!values.some(value => text.includes(value)), name)
  }
})

test("locked until the device is told; another serial, another firmware, and the way round", async browser => {
  const page = await open(browser, "np07"), gate = page.locator("#gate"), done = page.locator("#r1 [value=done]")
  holds(await done.isDisabled(), "locked at first")
  await identify(page, { serial: "4418" })
  holds((await gate.textContent()).includes("another device"), "a foreign serial")
  holds(await done.isDisabled(), "locked for another device")
  await before(page, "serial_last").fill("tbaab0004417")
  holds(await done.isEnabled(), "the whole serial, in any case")
  await before(page, "firmware").fill("1.2")
  holds(await done.isDisabled() && (await gate.textContent()).includes("pages and names may differ"), "another firmware")
  await before(page, "differs").fill("1.2 agreed with ot-lead")
  holds(await done.isEnabled(), "the way round")
  is((await saved(page)).json.before.differs, "1.2 agreed with ot-lead", "it stands in the file")
})

test("risky pages: a second login and an address that the allowlist lets in", async browser => {
  const page = await open(browser, "np07"), locked = page.locator(".page.risky .locked").first()
  await identify(page)
  await secondLogin(page, "10.20.0.9")
  holds((await page.textContent("#laptop")).includes("NOT on the allowlist"), "not on it")
  holds(await locked.isVisible(), "locked")
  const good = async address => {
    await before(page, "laptop").fill(address)
    return (await page.getAttribute("#laptop", "class")) === "good"
  }
  for (const [address, wanted] of Object.entries({
    "10.20.0.10": true, "10.20.0.9": false, "10.20.0.11": false, "10.20.0.15": false, "10.20.0.16": true, "10.20.0.31": true,
    "10.20.0.32": false, "10.20.0.010": true, "10.20.0": false, "10.20.0.256": false, "::ffff:10.20.0.10": false, "": false,
  })) is(await good(address), wanted, address)
  await page.evaluate(() => { document.documentElement.dataset.allowlist = "2001:db8::/33 fe80::1/128" })
  for (const [address, wanted] of Object.entries({
    "2001:db8::": true, "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff": true, "2001:db8:8000::": false, "2001:DB8:0:0::5": true,
    "fe80::1": true, "fe80::2": false, "10.20.0.10": false, "::1::": false,
  })) is(await good(address), wanted, address)
  await before(page, "laptop").fill("10.1.1.1")
  await before(page, "other_way").fill("serial console, tried")
  is((await saved(page)).json.before.other_way, "serial console, tried", "another way in is told")
  holds(await locked.isHidden(), "the risky pages are open")
})

test("a row that was not done as printed keeps what builds on it", async browser => {
  const page = await open(browser, "np07")
  await identify(page)
  await secondLogin(page)
  const chain = await page.$$eval("[data-chain=access]", all => all.map(row => [row.dataset.no, row.closest(".page").id]))
  const [first, own] = chain[0], later = chain.find(([, id]) => id !== own)
  holds(later, "the chain goes over more than one page")
  const next = page.locator(`#r${later[0]} [value=done]`)
  holds(await next.isDisabled(), "waits for the first")
  for (const [row, id] of chain) if (id === own) await answer(page, row, "done")
  holds(await next.isDisabled(), "waits for SAVE")
  await page.locator(`#${own} [value=saved]`).check()
  holds(await next.isDisabled(), "and for the values to stand")
  await page.locator(`#${own} [value=seen]`).check()
  holds(await next.isEnabled(), "goes on after both")
  await answer(page, first, "absent", "all tabs")
  holds(await next.isDisabled() && (await page.textContent(`#r${later[0]} .need`)).includes("new plan"), "waits for a new plan")
  holds(!(await page.locator(`#${own} [value=saved]`).isChecked()), "a changed answer takes the tick away")
})

test("every kind of answer; Done moves nothing; taken back", async browser => {
  const page = await open(browser, "np07")
  await identify(page)
  const at = () => page.$eval("#r2", row => [row.offsetTop, row.offsetHeight])
  const began = await at()
  await page.click("#r1 [value=done]")
  is(await at(), began, "the next row stays where it is")
  await answer(page, 2, "renamed", "TLS-Prüfung")
  await answer(page, 3, "skipped", "no time")
  await answer(page, 5, "other", "ca.crt", "it renames")
  holds(!(await page.locator("[data-secret] .said").nth(0).isVisible()), "a secret is asked for nowhere")
  await page.click("#r1 .back")
  const file = (await saved(page)).json
  is(file.rows.map(({ no, status, why, name, value }) => [no, status, why, name, value].filter(x => x !== undefined)),
    [[2, "renamed", "TLS-Prüfung"], [3, "skipped", "no time"], [5, "other", "it renames", "ca.crt"]], "the rows")
  is(file.log.filter(entry => entry.what === "answer").length, 5, "all of it is in the log")
})

test("the keyboard alone: all rows and pages; arrows change no answer; nothing hides under the bar", async browser => {
  const page = await open(browser, "np07")
  await identify(page)
  await secondLogin(page)
  await page.focus("#r1 [value=done]")
  let presses = 0
  for (; presses < 400; presses++) {
    const here = await page.evaluate(() => {
      const active = document.activeElement, bar = document.querySelector(".bar").getBoundingClientRect()
      const box = active.getBoundingClientRect(), sticky = getComputedStyle(document.querySelector(".bar")).position === "sticky"
      return { id: active.id, hidden: sticky && box.top < bar.bottom - 1, tick: active.closest(".save") ? active.value : "", checked: active.checked, row: active.closest(".row")?.id }
    })
    holds(!here.hidden, `focus under the bar at ${JSON.stringify(here)}`)
    if (here.id === "save-too") break
    if (here.tick) {
      if (!here.checked) await page.keyboard.press("Space")
      await page.keyboard.press("Tab")
      if (here.tick === "seen") await page.evaluate(() => {
        const rows = [...document.querySelectorAll(".row")], next = rows.find(row => !row.querySelector("input:checked"))
        if (!next) document.querySelector("#save-too").focus()
      })
    } else if (here.row && !(await page.locator(`#${here.row} input:checked`).count())) await page.keyboard.press("1")
    else await page.keyboard.press("Tab")
  }
  is((await statuses(page)).filter(status => status !== "done"), [], "all rows")
  holds((await page.$$eval(".save input", all => all.every(tick => tick.checked))), "all pages")
  await page.focus("#r3 [value=done]")
  for (const key of ["ArrowRight", "ArrowLeft", "ArrowDown", "ArrowUp"]) await page.keyboard.press(key)
  is((await statuses(page)).filter(status => status !== "done"), [], "arrows change nothing")
})

test("kept: a reload, another window, storage that is blocked", async browser => {
  const page = await open(browser, "np07")
  await identify(page)
  await answer(page, 1, "done")
  await answer(page, 2, "skipped", "no time")
  await page.reload()
  await page.waitForFunction(() => document.querySelector("#r2 input:checked"))
  is((await statuses(page)).slice(0, 3), ["done", "skipped", ""], "after a reload")
  is(await page.inputValue("#r2 .said.asked input"), "no time", "its words")
  const other = await page.context().newPage()
  await other.goto(urlOf("np07"))
  await page.waitForSelector("#elsewhere:not([hidden])")
  holds(await page.locator("#r1 [value=skipped]").isDisabled(), "the older window shows only")
  await page.click("#here")
  await page.waitForFunction(() => !document.querySelector("#r1 [value=skipped]").disabled)
  is((await statuses(page)).slice(0, 3), ["done", "skipped", ""], "and goes on where it was")
  const blocked = await open(browser, "np07", {}, context => context.addInitScript(() => {
    Object.defineProperty(window, "localStorage", { get() { throw new Error("blocked") } })
  }))
  holds((await blocked.textContent("#kept")).includes("NOTHING"), "said where nothing is kept")
  await identify(blocked)
  await answer(blocked, 1, "done")
  is((await saved(blocked)).json.rows.length, 1, "the file works all the same")
})

inChromium("a browser that is killed loses no answer", async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "sheet-"))
  const start = () => engine.launchPersistentContext(folder, launch)
  let context = await start(), page = await context.newPage()
  await page.goto(urlOf("np07"))
  await page.waitForFunction(() => !document.querySelector("[data-before=name]").disabled)
  await identify(page)
  for (const row of [1, 2, 3, 4]) await answer(page, row, "done")
  await page.waitForTimeout(300)
  const lock = fs.readlinkSync(path.join(folder, "SingletonLock"))
  process.kill(+lock.split("-").at(-1), "SIGKILL")
  await context.close().catch(() => {})
  fs.rmSync(path.join(folder, "SingletonLock"), { force: true })
  context = await start()
  page = await context.newPage()
  await page.goto(urlOf("np07"))
  await page.waitForFunction(() => !document.querySelector("[data-before=name]").disabled)
  is((await statuses(page)).slice(0, 5), ["done", "done", "done", "done", ""], "after a kill")
  await context.close()
  fs.rmSync(folder, { recursive: true, force: true })
})

test("the file: its name fits its bytes, it fills another browser, files are chained, nothing is overwritten", async browser => {
  const page = await open(browser, "np07")
  await identify(page)
  await answer(page, 1, "done")
  await answer(page, 2, "other", "514", "it refuses 6514 \u{1f600}\ud800".slice(0, -1))
  await page.locator("#p1 [value=saved]").check()
  const first = await saved(page)
  holds(first.name.endsWith(`-answers-1-${first.digest.slice(0, 12)}.json`), first.name)
  holds(first.name.startsWith("np07-r1-"), first.name)
  const second = await open(browser, "np07")
  const load = (name, text) => second.setInputFiles("#file", { name, mimeType: "application/json", buffer: Buffer.from(text) })
  await load(first.name, first.bytes)
  await second.waitForSelector("#told p")
  is((await statuses(second)).slice(0, 3), ["done", "other", ""], "the rows")
  is(await before(second, "name").inputValue(), "K. Example", "who did it")
  const again = await saved(second)
  is([again.json.save.number, again.json.save.previous], [2, first.digest], "the chain")
  is(again.json.pages, first.json.pages, "the ticks")
  is(again.json.rows, first.json.rows, "the same rows")
  holds(again.json.log.every((entry, at, log) => !at || log[at - 1].seq < entry.seq), "in order")
  const other = JSON.parse(first.bytes)
  other.rows[0].status = "skipped"
  other.rows[0].why = "x"
  await load("other.json", JSON.stringify(other))
  await second.waitForFunction(() => document.querySelector("#told").textContent.includes("Row 1: the file says otherwise"))
  is((await statuses(second))[0], "done", "never over what stands here")
  const bad = {
    "cut.json": first.bytes.subarray(0, 300), "list.json": "[]", "null.json": "null", "empty.json": "", "other.json": '{"format":"x"}',
    "device.json": JSON.stringify({ ...other, sheet: { ...other.sheet, device: "<img src=x onerror=alert(1)>" } }),
    "big.json": " ".repeat(2_100_000),
  }
  for (const [name, text] of Object.entries(bad)) {
    await load(name, text)
    await second.waitForFunction(name => document.querySelector("#told .bad")?.textContent.startsWith(name), name)
    is((await statuses(second)).slice(0, 3), ["done", "other", ""], name)
  }
  await load("older.json", JSON.stringify({ ...other, sheet: { ...other.sheet, sheet: "0".repeat(64), revision: 7 } }))
  await second.waitForFunction(() => document.querySelector("#told").textContent.includes("NOT taken over"))
  is(await second.locator("#told img").count(), 0, "nothing of a file is markup")
  is([...second.complaints, ...page.complaints], [], "complaints")
})

inChromium("accessible, and no sideways scroll: light, dark, narrow, wide, locked, filled, a list open", async browser => {
  for (const [width, colorScheme] of [[320, "light"], [390, "dark"], [680, "light"], [1366, "light"], [1366, "dark"]]) {
    const page = await open(browser, "np07", { viewport: { width, height: 800 }, colorScheme, bypassCSP: true })
    const look = state => accessible(page, `${state} at ${width} ${colorScheme}`)
    await look("locked")
    await identify(page)
    await answer(page, 1, "done")
    await answer(page, 2, "other", "514", "")
    await page.click(".nav summary")
    await look("filled")
    const small = await page.$$eval("button:not([hidden]), .answers label, .tick, .field input, summary", all =>
      all.filter(one => one.offsetParent && one.getBoundingClientRect().height < 43.5).map(one => one.outerHTML.slice(0, 80)))
    is(small, [], "targets for gloves")
  }
})

inChromium("on paper: the digest on every page, with and without a script", async browser => {
  for (const javaScriptEnabled of [true, false]) {
    const page = await open(browser, "np07", { javaScriptEnabled })
    if (javaScriptEnabled) { await identify(page); await answer(page, 1, "skipped", "no time") }
    const pdf = await page.pdf({ preferCSSPageSize: true })
    const sheet = (await page.title()).match(/sheet (\S+)/)[1]
    const text = pagesOf(pdf)
    if (!text) { console.log("      pdftotext is not here: the paper was not read"); return }
    holds(text.length > 1, "several pages")
    text.forEach((one, at) => holds(one.includes(sheet), `page ${at + 1} has no digest`))
    holds(text.join("").includes("Initials"), "initials")
    if (!javaScriptEnabled) holds(text.join("").includes("If not:") && text.join("").includes("Script is off"), "a form")
  }
})

require("./many.cjs")
require("./sizes.cjs")
run()
