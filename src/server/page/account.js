// The pages on which people come in: which one is shown is said by the address.

import { ask, byId, onSubmit, say } from './account-form.js'
import { openAccount } from './account-own.js'

const page = location.pathname.split('/').at(-1)
const token = takeToken()
const titles = {
  'sign-in': 'Sign in',
  setup: 'Set up',
  join: 'Join',
  reset: 'New password',
  account: 'Your account',
}
document.title = `${titles[page] ?? 'Millrace'} · Millrace`
// A second link that is opened in the same tab.
addEventListener('hashchange', () => location.reload())

/** The token behind `#token=` leaves the address bar and the history at once. */
function takeToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get('token')
  if (given) history.replaceState(null, '', location.pathname)
  return given
}

function show(id) {
  for (const section of document.querySelectorAll('main > section')) {
    section.hidden = section.id !== id
  }
  byId(id).querySelector('input:not([hidden]):not([readonly])')?.focus()
}

function showBroken(text) {
  byId('broken-text').textContent = text
  show('broken')
}

const goHome = () => location.assign('./')

onSubmit('sign-in-form', async (fields) => {
  const { code, ...rest } = fields
  const given = code?.trim() ? { code } : {}
  try {
    await ask('POST', 'v1/sessions', { ...rest, ...given })
  } catch (error) {
    if (error.code === 'code-needed' || error.code === 'code-wrong') {
      byId('code-part').hidden = false
      byId('code').select()
      if (error.code === 'code-needed') return
    }
    throw error
  }
  if (page === 'sign-in') goHome()
  else await begin()
})

byId('forgot').addEventListener('click', () => {
  byId('forgot-email').value = byId('email').value
  show('forgotten')
})

onSubmit('forgot-form', async ({ email }) => {
  const { mail } = await ask('POST', 'v1/passwords/forgot', { email })
  say(
    mail
      ? `If there is an account for ${email}, a link is on its way. It works once, for an hour.`
      : 'This server sends no mail. Whoever runs it can make a link for you: `millrace passwords link`.',
  )
  show('sign-in')
})

onSubmit('setup-form', async (fields) => {
  await ask('POST', 'v1/setup', { token, ...fields })
  goHome()
})

onSubmit('reset-form', async (fields) => {
  await ask('POST', 'v1/passwords/reset', { token, ...fields })
  history.replaceState(null, '', 'sign-in')
  say('Your new password is set. Sign in with it.')
  show('sign-in')
})

onSubmit('join-form', async (fields) => {
  await ask('POST', 'v1/invitations/accept', { token, ...fields })
  goHome()
})

onSubmit('accept-form', async () => {
  const { tenant } = await ask('POST', 'v1/invitations/join', { token })
  sessionStorage.setItem('millrace-tenant', tenant)
  goHome()
})

/** Who is signed in; null: nobody. */
async function whoAmI() {
  return ask('GET', 'v1/account').catch((error) => {
    if (error.code === 'unreachable') throw error
    return null
  })
}

async function showInvitation() {
  const invitation = await ask('POST', 'v1/invitations/look', { token })
  const { tenantName, role, email, hasAccount, needsSignOn } = invitation
  byId('invitation').replaceChildren(
    bold(tenantName),
    ' asks you in as ',
    bold(role),
    '. The invitation is for ',
    bold(email),
    needsSignOn ? ', and its people sign in with their organisation’s own account.' : '.',
  )
  if (needsSignOn) {
    byId('join-providers').replaceChildren(...invitation.providers.map(linkTo))
    return show('join')
  }
  if (!hasAccount) {
    byId('join-email').value = email
    byId('join-form').hidden = false
    return show('join')
  }
  const account = await whoAmI()
  if (account?.email === email) {
    byId('accept-form').hidden = false
    return show('join')
  }
  say(`Sign in as ${email} to join ${tenantName}.`)
  byId('email').value = email
  show('sign-in')
  byId('password').focus()
}

/** To where somebody signs in by a provider. */
function linkTo({ name, link }) {
  const made = document.createElement('a')
  made.href = link
  made.textContent = `Sign in with ${name}`
  return made
}

/** Those of the whole deployment; a tenant hands out the link of its own. */
async function showProviders() {
  const { providers } = await ask('GET', 'v1/sign-on')
  byId('sign-in-providers').replaceChildren(...providers.map(linkTo))
}

function bold(text) {
  const made = document.createElement('strong')
  made.textContent = text
  return made
}

async function begin() {
  if (page !== 'sign-in' && page !== 'account' && !token) {
    return showBroken('Its end is missing: copy the whole address out of the mail or the terminal.')
  }
  if (page === 'join') {
    return showInvitation().catch((error) => showBroken(`${error.message} ${error.remedy}`))
  }
  if (page === 'account') {
    const account = await whoAmI()
    if (!account) {
      say('Sign in to see your account.')
      return show('sign-in')
    }
    say('')
    await openAccount(account, () => location.assign('sign-in'))
    return show('account')
  }
  show(page in titles ? page : 'sign-in')
  if (page === 'sign-in') await showProviders().catch(() => {})
}

begin().catch((error) => say(error.message ?? String(error)))
