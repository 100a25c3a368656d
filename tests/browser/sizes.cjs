// The same page with none, eighty and four hundred rows, and in the colours of whoever needs others.
const fs = require("fs")
const os = require("os")
const path = require("path")
const { test, inChromium, is, holds, open, identify, secondLogin, saved, statuses, accessible, sheets } = require("./harness.cjs")

const SECTION = /<section class="page[^]*?<\/section>/g

// A sheet whose pages are those of another again and again, as far as the rows go; the script is untouched.
function sized(folder, rows) {
  const text = fs.readFileSync(path.join(sheets, "np07.sheet.html"), "utf8"), sections = text.match(SECTION)
  const count = section => section.match(/class="row"/g).length
  const made = []
  for (let row = 0; row < rows;) {
    const fits = sections.filter(section => count(section) <= rows - row), numbers = new Map()
    made.push(fits[made.length % fits.length].replace(/id="p\d+" data-name="/, `id="p${made.length + 1}" data-name="${made.length + 1} `)
      .replace(/data-no="(\d+)" data-id="[0-9a-f]+"/g, (_, no) => {
        numbers.set(no, ++row)
        return `data-no="${row}" data-id="${row.toString(16).padStart(8, "0")}"`
      })
      .replace(/\b(id|name|aria-labelledby)="([rfvabi])(\d+)( v\d+)?"/g, (_, key, letter, no, more) =>
        `${key}="${letter}${numbers.get(no)}${more ? ` v${numbers.get(no)}` : ""}"`))
  }
  const links = made.map((_, at) => `<li><a href="#p${at + 1}"><span>Page ${at + 1}</span><b></b></a></li>`).join("")
  const [first, ...others] = sections
  const body = others.reduce((text, section) => text.replace(section, ""), text).replace(first, () => made.join(""))
  const file = path.join(folder, `${rows}.html`)
  fs.writeFileSync(file, body.replace(/(<li><a href="#p\d+">[^]*?<\/li>)+/, links).replace(/max="\d+"/, `max="${Math.max(rows, 1)}"`))
  return file
}

inChromium("none, eighty and four hundred rows: nothing breaks, and an answer takes no time that one notices", async browser => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "sizes-"))
  for (const rows of [0, 80, 400]) {
    const page = await open(browser, sized(folder, rows), { bypassCSP: true })
    await identify(page)
    if (rows) await secondLogin(page)
    is((await statuses(page)).length, rows, "rows of the page")
    const took = await page.evaluate(() => {
      const open = [...document.querySelectorAll(".row [value=done]")].filter(radio => !radio.disabled).slice(0, 20)
      const began = performance.now()
      for (const radio of open) radio.click()
      return open.length ? (performance.now() - began) / open.length : 0
    })
    console.log(`      ${rows} rows: ${took.toFixed(1)} ms an answer`)
    holds(took < 100, `${took} ms an answer`)
    await accessible(page, `${rows} rows`)
    is((await saved(page)).json.rows.length > 0, rows > 0, "answers are in the file")
    if (!rows) holds((await page.textContent("#left")).includes("Every row that can be done has an answer"), "nothing is left")
    is(page.complaints, [], "complaints")
    await page.context().close()
  }
  fs.rmSync(folder, { recursive: true })
})

inChromium("forced colours: what is chosen, locked and current is seen without a colour of ours", async browser => {
  const page = await open(browser, "np07", { forcedColors: "active", bypassCSP: true })
  await identify(page)
  await page.locator("#r1 [value=done]").check()
  await page.locator("#r2 [value=skipped]").check()
  await accessible(page, "forced colours")
  const seen = await page.evaluate(() => {
    const look = status => {
      const label = getComputedStyle(document.querySelector(`#r1 label.${status}`))
      return [label.backgroundColor, label.color, label.borderTopColor, label.borderTopWidth, label.outlineStyle].join()
    }
    const radio = getComputedStyle(document.querySelector("#r1 [value=done]"))
    return look("done") !== look("skipped") || radio.display !== "none" && +radio.opacity > 0
  })
  holds(seen, "what is chosen looks like what is not")
  if (process.env.SHOTS) await page.screenshot({ path: path.join(process.env.SHOTS, "forced.png") })
})
