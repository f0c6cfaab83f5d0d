// What the pages of accounts share: asking the API with the browser's session, forms, small elements.
// Texts from the server are set as text, never as markup.

export const byId = (id) => document.getElementById(id)

/** The answer; throws a `Refusal`. */
export async function ask(method, path, body) {
  let response
  try {
    response = await fetch(path, {
      method,
      headers: body === undefined ? {} : { 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  } catch {
    throw new Refusal('unreachable', 'The server does not answer.')
  }
  const answer = await response.json().catch(() => ({}))
  if (response.ok) return answer
  const text = sentence(answer.detail ?? `The server answered ${response.status}.`)
  throw new Refusal(answer.code ?? 'unknown', text, answer.remedy)
}

/** What the server said no to, in its words. */
class Refusal extends Error {
  constructor(code, message, remedy = '') {
    super(message)
    this.code = code
    this.remedy = remedy
  }
}

/** Runs `work` at a click; what is refused is said at the head of the page. */
export function onClick(button, work) {
  button.addEventListener('click', () => void work().catch(({ message }) => say(message)))
}

/** Sends the fields of a form to `work`; what it throws stands in the form until the next try. */
export function onSubmit(id, work) {
  const form = byId(id)
  const refusal = form.querySelector('.refusal')
  const button = form.querySelector('button[type=submit]')
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void send()
  })
  async function send() {
    refusal.hidden = true
    button.disabled = true
    try {
      await work(Object.fromEntries(new FormData(form)), form)
    } catch (error) {
      if (!(error instanceof Refusal)) throw error
      refusal.textContent = error.message
      refusal.hidden = false
      // The password is what is typed anew most often.
      const again = form.querySelector('input[type=password]:not([hidden])')
      if (error.code === 'sign-in-refused' || error.code === 'password-weak') again?.select()
    } finally {
      button.disabled = false
    }
  }
}

/** Says something at the head of the page, for readers of screens, too. */
export function say(text) {
  byId('notice').textContent = text
  byId('notice').hidden = text === ''
}

export function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties)
  made.append(...children)
  return made
}

export function fill(id, titles, rows) {
  const head = titles.map((title) => element('th', { scope: 'col' }, title))
  byId(id).replaceChildren(
    element('thead', {}, element('tr', {}, ...head)),
    element('tbody', {}, ...rows.map((cells) => element('tr', {}, ...cells))),
  )
}

export function cell(text, ...more) {
  return element('td', {}, text, ...more)
}

export function when(instant) {
  return new Date(instant).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })
}

function sentence(text) {
  const end = /[.!?]$/.test(text) ? '' : '.'
  return text.charAt(0).toUpperCase() + text.slice(1) + end
}
