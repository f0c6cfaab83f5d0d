import { errorCatalog } from '#kernel/error-catalog.ts'
import type { ErrorEntry } from '#kernel/error-entry.ts'
import type { OpenApiDocument } from '#operations/openapi/openapi-types.ts'
import { anchorOf, operationSection, type DocumentedOperation } from '#server/docs-operation.ts'
import { html, prose, type Html } from '#server/docs-text.ts'

export interface DocsPlace {
  /** Path of this server's pages without a slash at its end: empty, or `/millrace`. */
  readonly base: string
  readonly publicUrl: string
}

/** The operations of each resource. */
export function resourcesOf(document: OpenApiDocument): Map<string, DocumentedOperation[]> {
  const all = Object.entries(document.paths).flatMap(([path, items]) =>
    Object.entries(items).map(([method, item]) => ({ path, method: method.toUpperCase(), item })),
  )
  return Map.groupBy(all, ({ item }) => item.tags[0] ?? '')
}

/** Every operation on one page, to be looked through. */
export function indexPage(document: OpenApiDocument, place: DocsPlace): string {
  const resources = resourcesOf(document)
  const body = html`<section class="lead">
      <h1>API</h1>
      ${String(document.info['description'])
        .split('\n\n')
        .map((paragraph) => html`<p>${prose(paragraph)}</p>`)}
      <pre
        tabindex="0"
      ><code>curl '${place.publicUrl}/v1/datasets' -H "Authorization: Bearer $MILLRACE_KEY"</code></pre>
      <p class="links">
        <a href="${place.base}/v1/openapi.json">OpenAPI 3.1</a>
        <a href="${place.base}/docs/errors">Problem codes</a>
      </p>
    </section>
    <p class="find" hidden>
      <label
        >Find
        <input type="search" id="find" placeholder="runs, rows, /v1/keys …" autocomplete="off"
      /></label>
      <span id="found" role="status"></span>
    </p>
    ${document.tags.map(
      ({ name, description }) =>
        html`<section class="resource">
          <h2><a href="${place.base}/docs/${name}">${name}</a></h2>
          <p>${description}</p>
          <ul>
            ${(resources.get(name) ?? []).map(
              ({ path, method, item }) =>
                html`<li>
                  <a href="${place.base}/docs/${name}#${anchorOf(item)}"
                    ><span class="method ${method.toLowerCase()}">${method}</span>
                    <code>${path}</code> <span class="summary">${prose(item.summary)}</span></a
                  >
                </li>`,
            )}
          </ul>
        </section>`,
    )}`
  return layout('API', body, { place, document, here: '' })
}

/** One resource with its operations; null: there is no such resource. */
export function resourcePage(
  document: OpenApiDocument,
  name: string,
  place: DocsPlace,
): string | null {
  const operations = resourcesOf(document).get(name)
  if (!operations) return null
  const about = document.tags.find((tag) => tag.name === name)?.description ?? ''
  const body = html`<section class="lead">
      <h1>${name}</h1>
      <p>${about}</p>
    </section>
    ${operations.map((operation) => operationSection(operation, place))}`
  return layout(name, body, { place, document, here: name })
}

const kinds: Readonly<Record<string, string>> = {
  user: 'your input',
  operational: 'the world around',
  definition: 'code of a pack',
  bug: 'ours',
}

/** Every code that a problem may have. */
export function errorsPage(document: OpenApiDocument, place: DocsPlace): string {
  const entries = Object.entries(errorCatalog as Readonly<Record<string, ErrorEntry>>)
  const body = html`<section class="lead">
      <h1>Problem codes</h1>
      <p>
        ${prose('Every error is a problem document (RFC 9457): `type` is `urn:millrace:error:<code>`, `detail` says what is wrong, `remedy` names the way out, `requestId` is what an operator looks for. Match on `code`; the texts may change.')}
      </p>
    </section>
    ${entries
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(
        ([code, { status, retryable, text, remedy, kind }]) =>
          html`<section class="problem" id="${code}">
            <h2>
              <a href="#${code}"><code>${code}</code></a>
              <span class="status"
                >${status}${retryable && ' · may succeed later'} · ${kinds[kind]}</span
              >
            </h2>
            <p>${prose(sentence(text))}</p>
            <p class="remedy">${prose(remedy)}</p>
          </section>`,
      )}`
  return layout('Problem codes', body, { place, document, here: 'errors' })
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

function layout(
  title: string,
  body: Html,
  {
    place: { base },
    document,
    here,
  }: { readonly place: DocsPlace; readonly document: OpenApiDocument; readonly here: string },
): string {
  const link = (name: string, text: string) =>
    html`<a
      href="${base}/docs${name === '' ? '' : `/${name}`}"
      ${name === here && html` aria-current="page"`}
      >${text}</a
    >`
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · Millrace</title>
        <link rel="stylesheet" href="${base}/page.css" />
        <link rel="stylesheet" href="${base}/docs.css" />
        <script src="${base}/docs.js" defer></script>
      </head>
      <body class="docs">
        <a class="skip" href="#content">To the content</a>
        <header>
          <div class="title">
            <p class="name"><a href="${base}/docs">Millrace</a></p>
            <p>API, version ${document.info.version}</p>
          </div>
        </header>
        <div class="columns">
          <nav aria-label="Resources">
            <details open>
              <summary>Resources</summary>
              ${link('', 'All operations')} ${link('errors', 'Problem codes')}
              <hr />
              ${document.tags.map(({ name }) => link(name, name))}
            </details>
          </nav>
          <main id="content">${body}</main>
        </div>
      </body>
    </html> `.text
}
