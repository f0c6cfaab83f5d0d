// One's own account: tenants, sessions, authenticator, password.

import { drawCode } from './account-code.js'
import { ask, byId, cell, element, fill, onClick, onSubmit, say, when } from './account-form.js'

/** Fills the page; `leave` is called once signed out. */
export async function openAccount(account, leave) {
  onClick(byId('sign-out'), async () => {
    await ask('POST', 'v1/sessions/current/end', {}).catch(() => {})
    sessionStorage.removeItem('millrace-tenant')
    leave()
  })
  onClick(byId('end-others'), async () => {
    const { ended } = await ask('POST', 'v1/sessions/end-others', {})
    say(`Signed out in ${ended} other ${ended === 1 ? 'place' : 'places'}.`)
    await drawSessions()
  })
  onSubmit('password-form', async (fields, form) => {
    await ask('POST', 'v1/account/password', fields)
    form.reset()
    say('Your password is changed, and you are signed out everywhere else.')
    await drawSessions()
  })
  onSubmit('totp-begin-form', async (fields, form) => {
    const { secret, uri } = await ask('POST', 'v1/account/totp', fields)
    form.reset()
    form.hidden = true
    byId('totp-secret').textContent = secret.replace(/.{4}(?=.)/g, '$& ')
    byId('totp-link').href = uri
    drawCode(byId('totp-picture'), uri)
    byId('totp-confirm-form').hidden = false
    byId('totp-code').focus()
  })
  onSubmit('totp-confirm-form', async (fields, form) => {
    const { recoveryCodes } = await ask('POST', 'v1/account/totp/confirm', fields)
    form.reset()
    form.hidden = true
    byId('recovery-codes').replaceChildren(...recoveryCodes.map((code) => element('li', {}, code)))
    byId('recovery').hidden = false
    await redraw()
  })
  onSubmit('totp-remove-form', async (fields, form) => {
    await ask('POST', 'v1/account/totp/remove', fields)
    form.reset()
    byId('recovery').hidden = true
    say('One-time codes are switched off.')
    await redraw()
  })
  for (const id of ['home', 'sign-out']) byId(id).hidden = false
  draw(account)
  await drawSessions()
}

async function redraw() {
  draw(await ask('GET', 'v1/account'))
  await drawSessions()
}

function draw(account) {
  byId('account-name').textContent = account.name
  for (const field of document.querySelectorAll('.account-email')) field.value = account.email
  byId('account-about').textContent =
    account.email + (account.isOperator ? ' · operator of this Millrace' : '')
  const rows = account.memberships.map(({ tenant, role, since }) => {
    const here = tenant === (sessionStorage.getItem('millrace-tenant') ?? account.tenant)
    const enter = element('button', { type: 'button', disabled: here }, here ? 'Current' : 'Enter')
    enter.addEventListener('click', () => {
      sessionStorage.setItem('millrace-tenant', tenant)
      location.assign('./')
    })
    const act = element('td', { className: 'act' }, enter)
    return [cell(tenant), cell(role), cell(`since ${when(since)}`), act]
  })
  fill('memberships', ['Tenant', 'Role', '', ''], rows.length > 0 ? rows : [[noTenant(account)]])
  const { totpSince, recoveryCodesLeft, hasPassword } = account
  byId('totp-state').textContent =
    totpSince === null
      ? 'Signing in asks for your password alone. With an authenticator on your phone it asks for a code that changes, too.'
      : `Signing in asks for a code, since ${when(totpSince)}. Recovery codes left: ${recoveryCodesLeft}.`
  byId('totp-begin-form').hidden = totpSince !== null || !hasPassword
  byId('totp-remove').hidden = totpSince === null
  byId('password-form').hidden = !hasPassword
}

function noTenant({ isOperator }) {
  const text = isOperator
    ? 'None of your own: as an operator you may enter any.'
    : 'None yet: ask an admin of your organisation to invite you.'
  return element('td', { colSpan: 4, className: 'wide' }, text)
}

async function drawSessions() {
  const { sessions } = await ask('GET', 'v1/sessions')
  const rows = sessions.map(({ id, current, seenAt, createdAt, address, agent }) => {
    const device = element('td', { className: 'wide', title: agent ?? '' }, deviceOf(agent))
    device.append(element('small', {}, address ?? 'address unknown'))
    const seen = cell(current ? 'this one' : when(seenAt))
    seen.append(element('small', {}, `since ${when(createdAt)}`))
    const end = element('button', { type: 'button' }, current ? 'Sign out' : 'End')
    onClick(end, async () => {
      if (current) return byId('sign-out').click()
      await ask('POST', `v1/sessions/${id}/end`, {})
      await drawSessions()
    })
    return [device, seen, element('td', { className: 'act' }, end)]
  })
  fill('sessions', ['Where', 'Last seen', ''], rows)
  byId('end-others').hidden = sessions.length < 2
}

/** `Firefox on Linux`: enough to tell one's own devices apart. */
function deviceOf(agent) {
  if (!agent) return 'A program that does not say its name'
  const first = (names) => names.find(([sign]) => agent.includes(sign))?.[1]
  const browser = first([
    ['Edg/', 'Edge'],
    ['OPR/', 'Opera'],
    ['Firefox/', 'Firefox'],
    ['Chrome/', 'Chrome'],
    ['Safari/', 'Safari'],
  ])
  const system = first([
    ['iPhone', 'iPhone'],
    ['iPad', 'iPad'],
    ['Android', 'Android'],
    ['Windows', 'Windows'],
    ['Mac OS', 'Mac'],
    ['Linux', 'Linux'],
  ])
  return browser && system ? `${browser} on ${system}` : agent.slice(0, 60)
}
