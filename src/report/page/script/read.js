const root = document.documentElement
root.classList.add("js")

// what is folded is opened for paper, and folded again behind it
const folded = () => document.querySelectorAll("details:not([open])")
let opened = []
addEventListener("beforeprint", () => { opened = [...folded()]; opened.forEach(one => { one.open = true }) })
addEventListener("afterprint", () => { opened.forEach(one => { one.open = false }); opened = [] })

// a link to a part opens what it lies in
const meant = () => document.getElementById(decodeURIComponent(location.hash.slice(1)))?.closest("details")?.setAttribute("open", "")
addEventListener("hashchange", meant)
meant()

const form = document.getElementById("filters")
if (form) {
  const field = name => form.elements.namedItem(name)
  const rows = [...document.querySelectorAll("[data-row]")]
  const text = new Map(rows.map(row => [row, row.textContent.toLowerCase()]))
  const severity = row => !field("severity").value || !("severity" in row.dataset) || row.dataset.severity === field("severity").value
  const device = row => {
    const wanted = field("device").value
    const { device, devices } = row.dataset
    if (!wanted || device === undefined && devices === undefined) return true
    return device === wanted || (devices ?? "").split(" ").includes(wanted)
  }
  const narrow = () => {
    const said = field("say").value.trim().toLowerCase()
    let shown = 0
    for (const row of rows) {
      row.hidden = !(severity(row) && device(row) && (!said || text.get(row).includes(said)))
      if (!row.hidden) shown += 1
    }
    document.getElementById("shown").textContent = shown === rows.length ? "" : `${shown} of ${rows.length} rows`
  }
  form.addEventListener("input", narrow)
  form.addEventListener("submit", event => event.preventDefault())
  form.addEventListener("reset", () => setTimeout(narrow))
}
