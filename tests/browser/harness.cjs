// What the tests of the page share: a browser, a sheet that is open, answers to what it asks before its rows.
const playwright = require("playwright-core")
const { createHash } = require("crypto")
const fs = require("fs")
const path = require("path")
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8")

const [executablePath, sheets, secrets] = process.argv.slice(2)
const isFirefox = /firefox/.test(executablePath)
const engine = isFirefox ? playwright.firefox : playwright.chromium
const downloads = fs.mkdtempSync(path.join(require("os").tmpdir(), "downloads-"))
process.on("exit", () => fs.rmSync(downloads, { recursive: true, force: true }))
const launch = isFirefox ? { executablePath, channel: "moz-firefox", downloadsPath: downloads } : { executablePath, args: ["--no-sandbox"] }
// A device of the sheets at hand, or a file.
const urlOf = name => "file://" + (path.isAbsolute(name) ? name : path.join(sheets, `${name}.sheet.html`))
const tests = []
const test = (name, run) => tests.push([name, run])
// Asks for what the driver does in one browser alone: paper, a script from outside (axe), script off, a profile that is killed.
const inChromium = (name, run) => { if (!isFirefox) test(name, run) }
function is(value, wanted, what) {
  const [a, b] = [value, wanted].map(one => JSON.stringify(one))
  if (a !== b) throw new Error(`${what}: ${a} is not ${b}`)
}
const holds = (value, what) => { if (!value) throw new Error(what) }

// A sheet in a context of its own; what it asks of the network and what it complains of is gathered.
async function open(browser, device, options = {}, prepare) {
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, acceptDownloads: true, ...options })
  if (prepare) await prepare(context)
  const page = await context.newPage()
  page.complaints = []
  page.on("console", message => { if (message.type() !== "log") page.complaints.push(message.text()) })
  page.on("pageerror", error => page.complaints.push(String(error)))
  page.on("request", request => { if (!/^(file|blob|data):/.test(request.url())) page.complaints.push(request.url()) })
  await page.goto(urlOf(device))
  if (options.javaScriptEnabled !== false) await page.waitForFunction(() => !document.querySelector("[data-before=name]").disabled || !document.querySelector("#elsewhere").hidden)
  return page
}
const before = (page, name) => page.locator(`[data-before=${name}]`)
async function identify(page, { serial = "4417", firmware = "1.1.0" } = {}) {
  for (const name of ["label", "address", "clock_right"]) await before(page, name).check()
  for (const [name, text] of Object.entries({ serial_last: serial, firmware, name: "K. Example", initials: "ke" }))
    await before(page, name).fill(text)
}
async function secondLogin(page, laptop = "10.20.0.10") {
  await before(page, "second_login").check()
  await before(page, "laptop").fill(laptop)
}
// A row's answer, with its words.
async function answer(page, row, status, ...words) {
  await page.locator(`#r${row} [value=${status}]`).check()
  for (const [at, text] of words.entries()) await page.locator(`#r${row} .said.asked input`).nth(at).fill(text)
}
// The file that SAVE writes. The driver tells of none in Firefox: it is the new one in the folder.
async function download(page) {
  if (!isFirefox) {
    const [file] = await Promise.all([page.waitForEvent("download"), page.click("#save")])
    return { name: file.suggestedFilename(), bytes: fs.readFileSync(await file.path()) }
  }
  const known = fs.readdirSync(downloads)
  await page.click("#save")
  for (const until = Date.now() + 10000; Date.now() < until; await page.waitForTimeout(50)) {
    const name = fs.readdirSync(downloads).find(name => name.endsWith(".json") && !known.includes(name))
    const bytes = name && fs.readFileSync(path.join(downloads, name))
    if (bytes?.length) return { name, bytes }
  }
  throw new Error("nothing was saved")
}
async function saved(page) {
  const { name, bytes } = await download(page)
  return { name, bytes, json: JSON.parse(bytes), digest: createHash("sha256").update(bytes).digest("hex") }
}
const statuses = page => page.evaluate(() => [...document.querySelectorAll(".row")].map(row => row.querySelector("input:checked")?.value || ""))

// axe finds nothing, and nothing is wider than the screen.
async function accessible(page, state) {
  await page.evaluate(axe)
  const found = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }))
  is(found.violations.map(one => [one.id, one.nodes[0].html.slice(0, 120)]), [], state)
  holds(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `sideways, ${state}`)
}
function pagesOf(pdf) {
  const { spawnSync } = require("child_process")
  const told = spawnSync("pdftotext", ["-layout", "-", "-"], { input: pdf, maxBuffer: 1 << 26 })
  return told.error ? null : told.stdout.toString().split("\f").filter(page => page.trim())
}

async function run() {
  const browser = await engine.launch(launch)
  let failed = 0
  for (const [name, one] of tests) {
    const began = Date.now()
    try {
      await one(browser)
      console.log(`ok    ${name} (${Date.now() - began} ms)`)
    } catch (error) {
      failed += 1
      console.log(`FAILED ${name}\n       ${String(error.stack).split("\n").slice(0, 4).join("\n       ")}`)
    }
    for (const context of browser.contexts()) await context.close()
  }
  await browser.close()
  console.log(`${tests.length - failed} of ${tests.length} hold, ${isFirefox ? "Firefox" : "Chromium"} ${browser.version()}`)
  process.exit(failed ? 1 : 0)
}
module.exports = { test, inChromium, isFirefox, engine, is, holds, open, before, identify, secondLogin, answer, saved, statuses, run, urlOf, launch, secrets, sheets, accessible, pagesOf }
