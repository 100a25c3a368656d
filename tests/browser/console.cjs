// The pages of a console of the lab: the sheet is typed into them page by page, and what they hold then is what is
// described. Values that the table has not are refused.
const fs = require("fs")
const path = require("path")
const { test, is, holds, run, accessible } = require("./harness.cjs")

const { CONSOLE, SHEET, FILLED } = process.env
const sheet = JSON.parse(fs.readFileSync(SHEET, "utf8"))
const button = page => page.getByRole("button", { name: "SAVE" })
async function go(page, menu) {
  await page.goto(CONSOLE)
  await page.getByRole("navigation").getByRole("link", { name: menu, exact: true }).click()
}
async function fresh(browser) {
  const page = await (await browser.newContext({ viewport: { width: 1366, height: 768 }, bypassCSP: true })).newPage()
  page.complaints = []
  // of passwords that nobody keeps the browser says how it would keep them
  page.on("console", message => { if (!message.text().startsWith("[DOM]")) page.complaints.push(message.text()) })
  page.on("request", request => { if (!request.url().startsWith(CONSOLE)) page.complaints.push(request.url()) })
  return page
}
async function save(page) {
  const typed = await page.locator("form").evaluate(form => [...new FormData(form)].map(pair => pair.join("=")).join("; "))
  await button(page).click()
  is(await page.locator(".bad").allTextContents(), [], `${await page.title()} with ${typed}`)
  holds(await page.getByRole("status").isVisible(), "it says that it saved")
}

// A field by the name that the sheet has for it; what an entry has of its own is there once the entry is saved.
async function field(page, name) {
  const labelled = page.getByLabel(name, { exact: true }), group = page.getByRole("group", { name, exact: true })
  if (!(await labelled.count()) && !(await group.count())) await save(page)
  return (await group.count()) ? { group: group.last() } : { one: labelled.last() }
}
async function type(page, row) {
  if (row.verb === "delete") return
  const { group, one } = await field(page, row.field)
  if (group) {
    for (const box of await group.getByRole("checkbox").all()) await box.setChecked(row.value.includes(await box.inputValue()))
    return
  }
  // a file lies beside the sheet in a folder of its device; the page takes its name in the site
  const value = row.verb === "file" ? row.value.map(file => file.replace(`/${sheet.device}/`, "/")) : row.value
  const text = row.verb === "secret" ? "Long-enough-for-all-1" : value.join(", ")
  const list = (await one.evaluate(element => element.tagName)) === "SELECT"
  // an entry follows another one: its own fields are blank only after it is saved
  if (!list && row.path.endsWith("]") && (await one.inputValue())) { await save(page); return type(page, row) }
  await (list ? one.selectOption(text) : one.fill(text))
}

test("console: each page says what it is, asks nobody, and is accessible", async browser => {
  const page = await fresh(browser)
  await page.goto(CONSOLE)
  const links = await page.getByRole("navigation").getByRole("link").evaluateAll(all => all.map(a => a.href).filter(href => href.includes("/page/")))
  holds(links.length > 15, "its pages are there")
  for (const link of links) {
    await page.goto(link)
    holds((await page.locator(".mark").textContent()).includes("the look is not the vendor's"), link)
    await accessible(page, link)
  }
  is(page.complaints, [], "complaints")
})

test("console: a value that the table has not is refused, and nothing of the page is saved", async browser => {
  const page = await fresh(browser)
  await go(page, "Security > Login Settings > Login Lockout")
  const before = await (await page.request.get(CONSOLE + "sheet")).text()
  await page.getByLabel("Lockout time (min)", { exact: true }).fill("15")
  await page.getByLabel("Retry failure threshold", { exact: true }).fill("11")
  await button(page).click()
  const told = await page.getByRole("alert").textContent()
  holds(told.includes("Retry failure threshold") && told.includes("outside of 1 to 10"), told)
  is(await page.getByLabel("Lockout time (min)", { exact: true }).inputValue(), "15", "what was typed is still there")
  is(await (await page.request.get(CONSOLE + "sheet")).text(), before, "nothing was saved")
})

test("console: the sheet is typed into it, page by page, and it holds all of it", async browser => {
  const page = await fresh(browser)
  for (const one of sheet.pages) {
    await go(page, one.menu)
    for (const row of one.rows) await type(page, row)
    await save(page)
  }
  is(page.complaints, [], "complaints")
  const filled = await (await page.request.get(CONSOLE + "sheet")).text()
  holds(!filled.includes("Long-enough"), "no secret is kept")
  fs.writeFileSync(FILLED, filled)
})

run()
