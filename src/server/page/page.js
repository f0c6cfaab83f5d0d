// Fills the page at `/` from the API. Texts from the server are set as text, never as markup.

const byId = (id) => document.getElementById(id)
const states = ['fresh', 'stale', 'pending', 'failed', 'held', 'missing']
const refreshMs = 5000
const cellsMax = 120

let key = takeKey()
/** Whoever has signed in in this browser; null: nobody, or the key counts. */
let person = null
let timer

byId('enter').addEventListener('submit', (event) => {
  event.preventDefault()
  key = byId('key').value.trim()
  person = null
  void refresh()
})
byId('leave').addEventListener('click', () => {
  sessionStorage.removeItem('millrace-key')
  key = null
  clearTimeout(timer)
  show('gate')
})

if (key) void refresh()
else void enterAsPerson()

/** With the browser's session there is no need of a key. */
async function enterAsPerson() {
  const response = await fetch('v1/account').catch(() => null)
  if (!response?.ok) return show('gate')
  person = await response.json()
  byId('me').textContent = person.email
  if (person.tenant === null) return location.assign('account')
  void refresh()
}

/** The key behind `#key=` leaves the address bar at once, so that it is not shared with a link. */
function takeKey() {
  const given = new URLSearchParams(location.hash.slice(1)).get('key')
  if (given) {
    history.replaceState(null, '', location.pathname)
    sessionStorage.setItem('millrace-key', given)
  }
  return given ?? sessionStorage.getItem('millrace-key')
}

async function refresh() {
  clearTimeout(timer)
  try {
    const response = await fetch('v1/status?runs=8', { headers: credentials() })
    const answer = await response.json()
    if (!response.ok && person) return refusePerson(response.status, answer)
    if (!response.ok)
      return refuse(response.status === 401 ? 'This key is not valid.' : answer.detail)
    if (!person) sessionStorage.setItem('millrace-key', key)
    draw(answer)
  } catch {
    if (byId('overview').hidden) return refuse('The server does not answer.')
  }
  timer = setTimeout(refresh, refreshMs)
}

/** The tenant that was entered on the page of the account, in this tab. */
function credentials() {
  if (!person) return { authorization: `Bearer ${key}` }
  const tenant = sessionStorage.getItem('millrace-tenant')
  return tenant === null ? {} : { 'millrace-tenant': tenant }
}

/** A session that has ended, or a tenant that is closed to this person by now. */
function refusePerson(status, { code, detail }) {
  if (status === 401) return location.assign('sign-in')
  if (code === 'tenant-unknown' && sessionStorage.getItem('millrace-tenant') !== null) {
    sessionStorage.removeItem('millrace-tenant')
    return refresh()
  }
  byId('me').hidden = false
  return refuse(detail)
}

function refuse(text) {
  sessionStorage.removeItem('millrace-key')
  byId('refusal').textContent = text
  byId('refusal').hidden = false
  show('gate')
}

function show(id) {
  for (const name of ['gate', 'overview']) byId(name).hidden = name !== id
  byId('tenant').hidden = id !== 'overview'
  byId('leave').hidden = id !== 'overview' || person !== null
  byId('me').hidden = person === null
}

function draw({ tenant, datasets, runs }) {
  byId('tenant').textContent = tenant
  const partitions = datasets.flatMap((dataset) => dataset.partitions)
  const open = partitions.filter(({ state }) => state === 'failed' || state === 'held').length
  const sources = datasets.filter(({ kind }) => kind === 'source')
  const rows = sources
    .flatMap((source) => source.partitions)
    .reduce((sum, one) => sum + (one.rows ?? 0), 0)
  byId('tiles').replaceChildren(
    tile(count(datasets.length), 'datasets'),
    tile(
      count(partitions.filter(({ state }) => state === 'fresh').length),
      `of ${count(partitions.length)} partitions fresh`,
    ),
    tile(count(rows), 'rows brought in'),
    tile(count(open), open === 1 ? 'partition needs you' : 'partitions need you'),
  )
  byId('legend').replaceChildren(
    ...states.map((state) => element('span', {}, element('i', { className: state }), state)),
  )
  fill('datasets', ['Dataset', 'Partitions', '', 'Rows', 'Published'], datasets.map(datasetRow))
  fill('runs', ['Run', 'State', 'Started', 'Took', 'Tasks'], runs.map(runRow))
  const example =
    datasets.find(({ name, dataset }) => (name ?? dataset) === 'top_companies') ?? datasets[0]
  byId('addresses').replaceChildren(
    ...[
      ['v1/datasets', 'all datasets with their states'],
      [
        `v1/datasets/${example?.dataset}/rows?partition=${lastKey(example)}&format=csv`,
        'rows as json, csv, ndjson or parquet',
      ],
      ['v1/runs', 'runs; POST starts one'],
      ['v1/status', 'what this page shows'],
      ['readyz', 'ready to serve (no key needed)'],
    ].map(([address, text]) =>
      element('li', {}, element('code', {}, `GET /${address}`), ` ${text}`),
    ),
  )
  show('overview')
}

function datasetRow({ dataset, kind, description, grain, partitions }) {
  const strip = element('div', { className: 'strip' })
  for (const one of partitions.slice(-cellsMax)) {
    const title = [one.partition, one.state, ...one.causes].join(' · ')
    strip.append(element('i', { className: one.state, title }))
  }
  const published = partitions
    .map((one) => one.publishedAt ?? '')
    .sort()
    .at(-1)
  const rows = partitions.reduce((sum, one) => sum + (one.rows ?? 0), 0)
  const cut = grain === 'none' ? kind : `${kind} by ${grain}`
  return [
    cell(dataset, { className: 'wide' }, element('small', {}, description.split('\n')[0])),
    element('td', {}, strip),
    cell(cut),
    cell(count(rows), { className: 'number' }),
    cell(published ? when(published) : '–'),
  ]
}

function runRow({ id, title, state, createdAt, endedAt, undoneAt, plan }) {
  const took = endedAt ? `${((new Date(endedAt) - new Date(createdAt)) / 1000).toFixed(1)} s` : '…'
  return [
    cell(title, { className: 'wide' }, element('small', {}, id)),
    element(
      'td',
      {},
      element('span', { className: `state ${state}` }, undoneAt ? `${state}, undone` : state),
    ),
    cell(when(createdAt)),
    cell(took, { className: 'number' }),
    cell(count(plan.tasks), { className: 'number' }),
  ]
}

function fill(id, titles, rows) {
  const head = element(
    'tr',
    {},
    ...titles.map((title) => {
      const numeric = ['Rows', 'Took', 'Tasks'].includes(title)
      return element('th', { scope: 'col', className: numeric ? 'number' : '' }, title)
    }),
  )
  const body = rows.map((cells) => element('tr', {}, ...cells))
  if (body.length === 0) body.push(element('tr', {}, cell('Nothing here yet.')))
  byId(id).replaceChildren(element('thead', {}, head), element('tbody', {}, ...body))
}

function tile(value, text) {
  return element('div', { className: 'tile' }, element('b', {}, value), element('span', {}, text))
}

function cell(text, properties = {}, ...more) {
  return element('td', properties, text, ...more)
}

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties)
  made.append(...children)
  return made
}

function lastKey(dataset) {
  return dataset?.partitions.findLast((one) => one.rows !== null)?.partition ?? 'all'
}

function count(number) {
  return number.toLocaleString('en')
}

function when(instant) {
  return new Date(instant).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })
}
