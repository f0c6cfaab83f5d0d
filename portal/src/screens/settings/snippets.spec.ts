import { expect, test } from 'vitest'

import { elementSnippet, frameSnippet, signSnippet } from '~/screens/settings/snippets.ts'

test('what is pasted into a page cannot break out of its place', () => {
  const text = frameSnippet('https://a.example/embed/emb_1#x', '"><script>alert(1)</script>')
  expect(text).not.toContain('<script>')
  expect(text).toContain('title="&quot;&gt;&lt;script&gt;')
  expect(elementSnippet('https://a.example/', 'https://a.example/embed/emb_1#t')).toBe(
    '<script src="https://a.example/embed.js" async></script>\n' +
      '<millrace-chart src="https://a.example/embed/emb_1#t"></millrace-chart>',
  )
})

test('the example names every value that the view leaves open', () => {
  const text = signSnippet('https://a.example/embed/emb_1', ['who', 'odd "name"'])
  expect(text).toContain(
    'values: { "who": viewer["who"], "odd \\"name\\"": viewer["odd \\"name\\""] }',
  )
  expect(text).toContain('`https://a.example/embed/emb_1#${text}.${mac}`')
})
