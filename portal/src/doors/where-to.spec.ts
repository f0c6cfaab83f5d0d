import { expect, test } from 'vitest'

import { ownPage } from '~/doors/where-to.ts'

const home = 'https://data.example/mill/'

test('a page of ours is gone on to, by its path on the server or within the portal', () => {
  const page = `${home}t/acme/runs?state=failed`
  expect(ownPage('/mill/t/acme/runs?state=failed', home)).toBe(page)
  expect(ownPage('/t/acme/runs?state=failed', home)).toBe(page)
  expect(ownPage('t/acme/runs?state=failed', home)).toBe(page)
  expect(ownPage('/t/acme/home', 'http://localhost:7420/')).toBe(
    'http://localhost:7420/t/acme/home',
  )
})

test('nobody is led elsewhere, outside the path, into an answer or in a circle', () => {
  for (const base of [home, 'https://data.example/']) {
    for (const wanted of [
      'https://evil.example/mill/t/acme',
      '//evil.example/mill/',
      '/\\evil.example/mill/t',
      '\\\\evil.example/t',
      'https://data.example.evil.example/mill/',
      'javascript:alert(1)',
      'data:text/html,hello',
      'v1/sessions/current/end',
      '/v1/datasets',
      '/sign-in',
      'http://[',
      '',
      undefined,
    ]) {
      const page = ownPage(wanted, base)
      expect(page === null || new URL(page).origin === 'https://data.example', wanted).toBe(true)
      if (!/evil/.test(wanted ?? '')) expect(page, String(wanted)).toBeNull()
    }
  }
  expect(ownPage('../t/acme', home)).toBeNull()
  expect(ownPage('https://data.example/other', home)).toBeNull()
})
