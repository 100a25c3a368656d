// One page of many devices, used by somebody who goes from one to the next; and what comes home of it.
const { spawnSync } = require("child_process")
const fs = require("fs")
const path = require("path")
const { test, inChromium, is, holds, open, before, saved, statuses, accessible, pagesOf } = require("./harness.cjs")

const { FIELDLOCK, MANY, SHOTS } = process.env
const stick = path.join(MANY, "stick"), fleet = path.join(stick, "fleet")
const names = fs.readdirSync(fleet).filter(name => name.endsWith(".html"))
const message = path.join(fleet, names.find(name => name.includes("login-message")))

async function who(page) {
  await before(page, "clock_right").check()
  await before(page, "name").fill("K. Example")
  await before(page, "initials").fill("ke")
}
const row = (page, device) => page.locator(`.row[data-id=${device}]`)
const serial = (page, device, last) => row(page, device).locator(".serial input").fill(last)

inChromium("many: each page opens, says nothing to anybody, and fits every screen", async browser => {
  holds(names.length > 3, "several pages are alike")
  for (const name of names) {
    const page = await open(browser, path.join(fleet, name), { bypassCSP: true })
    is(page.complaints, [], name)
    await accessible(page, name)
    await page.context().close()
  }
  for (const options of [{ viewport: { width: 390, height: 800 } }, { viewport: { width: 320, height: 800 }, colorScheme: "dark" }, { forcedColors: "active" }]) {
    const page = await open(browser, message, { bypassCSP: true, ...options })
    await who(page)
    await serial(page, "np10", "5010")
    await row(page, "np10").locator("[value=done]").check()
    await accessible(page, JSON.stringify(options))
    if (SHOTS) await page.screenshot({ path: path.join(SHOTS, `many-${options.viewport?.width || "forced"}.png`) })
  }
})

test("many: a row opens by its own serial number; answers are kept, saved, and come home as receipts", async browser => {
  const page = await open(browser, message), done = device => row(page, device).locator("[value=done]")
  is((await statuses(page)).length, 39, "a row for each device that has the page")
  holds(await row(page, "np10").locator(".serial input").isDisabled() && await done("np10").isDisabled(), "locked until somebody says who")
  await who(page)
  await serial(page, "np10", "5010")
  holds(await done("np10").isEnabled() && await done("np11").isDisabled(), "its own row and no other")
  await serial(page, "np11", "5012")
  holds((await row(page, "np11").locator(".need").textContent()).includes("5012 is np12, not np11"), "a foreign one is named")
  await serial(page, "np11", "9999")
  holds((await row(page, "np11").locator(".need").textContent()).includes("no device of this sheet"), "a stranger")
  await done("np10").check()
  await serial(page, "np11", "tbaab0005011".slice(-4))
  await row(page, "np11").locator("[value=skipped]").check()
  await row(page, "np11").locator(".said.asked input").fill("the cabinet is locked")
  await page.reload()
  await page.waitForFunction(() => document.querySelectorAll(".row input:checked").length === 2)
  is((await statuses(page)).filter(Boolean), ["done", "skipped"], "after a reload")
  const file = await saved(page)
  is(file.json.rows.map(({ id, status, serial_last, why }) => [id, status, serial_last, why]),
    [["np10", "done", "5010", undefined], ["np11", "skipped", "5011", "the cabinet is locked"]], "the rows")
  is([file.json.sheet.kind, file.json.pages], ["fleet", []], "what it is of")
  is(page.complaints, [], "complaints")
  fs.writeFileSync(path.join(stick, file.name), file.bytes)
  const home = spawnSync(FIELDLOCK, ["return", stick, "--site", path.join(MANY, "site"), "--sign-key", path.join(MANY, "key")], { encoding: "utf8" })
  is(home.status, 0, home.stdout + home.stderr)
  const receipts = fs.readdirSync(path.join(MANY, "site/receipts"))
  const of = (device, ending) => receipts.filter(name => name.startsWith(device + "-") && name.endsWith(ending))
  is([of("np10", ".receipt").length, of("np10", ".sig").length, of("np10", ".sheet").length], [1, 1, 1], "of what was done")
  is([of("np11", ".receipt").length, of("np11", ".sheet").length], [1, 0], "of what was not")
  const second = await open(browser, message)
  await second.setInputFiles("#file", { name: file.name, mimeType: "application/json", buffer: file.bytes })
  await second.waitForSelector("#told p")
  is((await statuses(second)).filter(Boolean), ["done", "skipped"], "in another browser")
})

inChromium("many: on paper, the digest on every page, with and without a script", async browser => {
  for (const javaScriptEnabled of [true, false]) {
    const page = await open(browser, message, { javaScriptEnabled })
    const text = pagesOf(await page.pdf({ preferCSSPageSize: true }))
    if (!text) return
    const sheet = (await page.title()).match(/sheet (\S+)/)[1]
    text.forEach((one, at) => holds(one.includes(sheet), `page ${at + 1} has no digest`))
    for (const wanted of ["np10", "np48", "Cabinet 4", "5048"]) holds(text.join("").includes(wanted), wanted)
  }
})
