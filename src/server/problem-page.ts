import type { FastifyReply, FastifyRequest } from 'fastify'

import { MillraceError } from '#kernel/errors.ts'
import { PAGE_POLICY } from '#server/page-policy.ts'

/** What went wrong on a way that a browser was led, for the person before it: a page, not JSON. */
export function sendProblemPage(
  reply: FastifyReply,
  error: MillraceError,
  publicUrl: string,
): FastifyReply {
  return reply
    .code(error.entry.status)
    .header('content-security-policy', PAGE_POLICY)
    .type('text/html; charset=utf-8')
    .send(problemPage(error, publicUrl.replace(/\/+$/, '')))
}

/** True for what somebody can do something about, on a way that browsers are led. */
export function isForPerson(request: FastifyRequest, thrown: unknown): thrown is MillraceError {
  const wantsPage = request.headers.accept?.includes('text/html') ?? false
  return wantsPage && thrown instanceof MillraceError && thrown.entry.kind !== 'bug'
}

function problemPage(error: MillraceError, home: string): string {
  const { message, remedy } = error
  const text = message.charAt(0).toUpperCase() + message.slice(1)
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Not signed in · Millrace</title>
<link rel="stylesheet" href="${escaped(home)}/page.css">
</head>
<body>
<header><div class="title"><h1>Millrace</h1><p>Analytics factory</p></div></header>
<main>
<section class="problem">
<h2>You are not signed in</h2>
<p>${escaped(text)}.</p>
<p>${escaped(remedy)}</p>
<p class="hint"><a href="${escaped(home)}/sign-in">Back to signing in</a></p>
</section>
</main>
</body>
</html>
`
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character)
}
