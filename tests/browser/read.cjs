// Pages that are read (dossier, change page, reports), as people read them: on a desk, on a phone, on paper, with a
// screen reader, without a script. Each test says what must hold of every page in the folder.
const fs = require("fs")
const os = require("os")
const path = require("path")
const { execFileSync } = require("child_process")
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8")
const { test, inChromium, isFirefox, is, holds, run, sheets: folder } = require("./harness.cjs")

const pages = fs.readdirSync(folder).filter(name => name.endsWith(".html")).sort()
const url = name => "file://" + path.join(folder, name)
async function read(browser, name, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1366, height: 768 }, ...options })
  const page = await context.newPage()
  page.complaints = []
  page.on("console", message => page.complaints.push(message.text()))
  page.on("pageerror", error => page.complaints.push(String(error)))
  page.on("request", request => { if (!/^file:/.test(request.url())) page.complaints.push(request.url()) })
  await page.goto(url(name))
  return page
}

test("opens from a disk: no request, no complaint, nothing else may run", async browser => {
  holds(pages.length >= 5, `pages: ${pages}`)
  for (const name of pages) {
    const page = await read(browser, name)
    is(page.complaints, [], name)
    await page.evaluate(() => document.body.append(Object.assign(document.createElement("script"), { textContent: "window.ran = 1" })))
    is(await page.evaluate(() => window.ran), undefined, `${name}: an injected script`)
    await page.context().close()
  }
})

test("fits a desk and a phone; what is wide scrolls by itself", async browser => {
  for (const name of pages) for (const width of isFirefox ? [390] : [1366, 768, 390, 320]) {
    const page = await read(browser, name, { viewport: { width, height: 844 } })
    const wide = await page.evaluate(() => document.documentElement.scrollWidth)
    holds(wide <= width, `${name}: ${wide} at ${width}`)
    await page.context().close()
  }
})

inChromium("axe finds nothing, in light and in dark, folded and open", async browser => {
  // what pages are made of stands in these
  const dark = ["dossier.html", "diff.html"]
  for (const name of pages) for (const colorScheme of dark.includes(name) ? ["light", "dark"] : ["light"]) {
    const page = await read(browser, name, { bypassCSP: true, colorScheme, viewport: { width: 390, height: 844 } })
    await page.evaluate(() => document.querySelectorAll("details").forEach(one => { one.open = true }))
    await page.addScriptTag({ content: axe })
    const found = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }))
    is(found.violations.map(one => `${one.id}: ${one.nodes[0].html.slice(0, 120)}`), [], `${name}, ${colorScheme}`)
    await page.context().close()
  }
})

inChromium("without a script everything is there", async browser => {
  for (const name of pages) {
    const [without, page] = [await read(browser, name, { javaScriptEnabled: false }), await read(browser, name)]
    const text = one => one.locator("main").textContent()
    is(await text(without), await text(page), name)
    holds(!await without.locator("#filters").isVisible(), `${name}: filters without a script`)
    await without.context().close()
    await page.context().close()
  }
})

test("filters narrow the dossier down, and let go again", async browser => {
  const page = await read(browser, "dossier.html")
  const shown = () => page.locator("article.finding:visible").count()
  const all = await shown()
  await page.selectOption("#severity", "critical")
  const critical = await shown()
  holds(critical > 0 && critical < all, `${critical} of ${all}`)
  const device = await page.locator("#device option").nth(1).textContent()
  await page.selectOption("#device", device)
  const named = await page.locator("article.finding:visible").evaluateAll(all => all.map(one => one.dataset.devices))
  holds(named.every(names => names.split(" ").includes(device)), `${named}`)
  await page.click("#all")
  await page.waitForFunction(() => document.getElementById("shown").textContent === "")
  is(await shown(), all, "all again")
  await page.fill("#say", "lockout")
  const texts = await page.locator("article.finding:visible").allTextContents()
  holds(texts.length > 0 && texts.length < all && texts.every(text => text.toLowerCase().includes("lockout")), "by a word")
  await page.context().close()
})

inChromium("on paper everything stands, folded or not, with the number of each page", async browser => {
  const temp = fs.mkdtempSync(path.join(os.tmpdir(), "paper-"))
  for (const name of pages) {
    const page = await read(browser, name)
    const file = path.join(temp, `${name}.pdf`)
    await page.pdf({ path: file, format: "A4", preferCSSPageSize: true })
    const text = execFileSync("pdftotext", ["-layout", file, "-"], { encoding: "utf8", maxBuffer: 1 << 28 })
    const sheets = text.split("\f").filter(sheet => sheet.trim())
    sheets.forEach((sheet, at) => holds(sheet.includes(`page ${at + 1} of ${sheets.length}`), `${name}: page ${at + 1}`))
    const squeezed = text.replace(/\s+/g, "")
    const heads = await page.$$eval("h1, h2, summary b", all => all.map(one => one.textContent.replace(/\s+/g, "")))
    const lost = heads.filter(head => !squeezed.includes(head))
    is(lost, [], `${name}: not on paper`)
    await page.context().close()
  }
  fs.rmSync(temp, { recursive: true })
})

run()
