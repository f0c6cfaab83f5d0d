import { MillraceError, toMillraceError } from '#kernel/errors.ts'
import { canonicalJson, sha256 } from '#kernel/hash.ts'
import type { Access } from '#model/access.ts'
import { fullAccess } from '#model/access.ts'
import type { Answer, Answers } from '#serving/answer.ts'
import type { AnswerParts } from '#serving/answers/answer-parts.ts'
import { createAnswer, type Given } from '#serving/answers/answer.ts'
import { createCollapse } from '#serving/answers/collapse.ts'
import { createExpected } from '#serving/answers/completeness.ts'
import { openCursors } from '#serving/answers/cursor.ts'
import type { State } from '#serving/answers/read-inputs.ts'
import { resolve, type Resolved } from '#serving/answers/resolve.ts'
import { createColumnsOf } from '#serving/answers/result-columns.ts'
import { planSubject } from '#serving/answers/subject-plan.ts'
import { createTenantCache } from '#serving/answers/tenant-cache.ts'
import { openCommitWatch } from '#serving/commit-watch.ts'
import type { Asker, Question, Subject } from '#serving/question.ts'
import type { Receipt } from '#serving/receipt.ts'

/** Of the memory for answers, for what questions were resolved to. */
const RESOLVED_SHARE = 1 / 4
/** About what a resolved question takes, and each partition that it reads. */
const RESOLVED_BYTES = 4000
const PARTITION_BYTES = 150
/** A deployment may change what a question means without a commit. */
const RESOLVED_MS = 60_000

interface Kept {
  readonly answer: Answer
  readonly atMs: number
}

interface Asked {
  readonly asker: Asker
  readonly question: Question
  /** Different for questions that differ, or are asked by somebody who sees something else. */
  readonly key: string
}

export function openAnswers(parts: AnswerParts): Answers {
  const { catalog, clock, limits, factory, receipts } = parts
  const cursors = openCursors(parts.cursorKeys)
  const commits = openCommitWatch({ catalog, clock })
  const given = createTenantCache<Given>(limits.cacheBytes * (1 - RESOLVED_SHARE))
  const kept = createTenantCache<Kept>(limits.cacheBytes * RESOLVED_SHARE)
  const collapse = createCollapse<Given>()
  const resolving = createCollapse<Answer>()
  const resolveParts = {
    catalog,
    receipts,
    clock,
    columnsOf: createColumnsOf(parts),
    expected: createExpected({ factory, clock }),
  }

  /**
   * From memory while nothing was published since; one at a time for the same question. What was
   * published before is looked up each time, for it may be swept or erased without a commit.
   */
  async function answerTo(
    { asker, question, key }: Asked,
    signal: AbortSignal | undefined,
    stateOf: (() => Promise<State>) | null,
  ): Promise<Answer> {
    const { tenant } = asker
    const commit = await commits.newest(tenant)
    assertMade(question, commit)
    const place = `${commit} ${key}`
    const isNewest = stateOf === null
    const known = isNewest ? kept.get(tenant.id, place) : undefined
    if (known && clock.monotonicMs() - known.atMs < RESOLVED_MS) return known.answer
    return resolving.run(`${tenant.id} ${place}`, signal, async (going) => {
      const atMs = clock.monotonicMs()
      const { datasets } = await factory.forTenant(tenant)
      const plan = await planSubject(
        { readers: parts.readers, datasets },
        asker,
        question.subject,
        going,
      )
      const fresh = await resolve(
        resolveParts,
        asker,
        question,
        plan,
        stateOf ? await stateOf() : { asOf: null },
        going,
      )
      const answer = answerOf(asker, question, fresh)
      const size = RESOLVED_BYTES + 2 * key.length + PARTITION_BYTES * fresh.receipt.versions.length
      if (isNewest) kept.set(tenant.id, place, { answer, atMs }, size)
      return answer
    })
  }

  function answerOf(asker: Asker, question: Question, of: Resolved): Answer {
    const hash = questionHash(asker.access, question)
    const resume = (cursor: string, signal: AbortSignal | undefined) =>
      answers.resume(asker, question, cursor, signal)
    const { lake, readers } = parts
    return createAnswer({ lake, readers, limits, cursors, given, collapse, resume }, of, hash)
  }

  async function again(
    asker: Asker,
    question: Question,
    id: string,
    signal: AbortSignal | undefined,
    find: () => Promise<Receipt>,
  ): Promise<Answer> {
    const hash = questionHash(asker.access, question)
    const stateOf = async () => ({ receipt: await find() })
    const answer = await answerTo({ asker, question, key: `${id} ${hash}` }, signal, stateOf)
    if (answer.receipt.id === id) return answer
    const dataset = nameOf(question.subject)
    throw new MillraceError('version-swept', { dataset, sweptAt: null })
  }

  const answers: Answers = {
    async ask(asker, question, signal) {
      const { asOf } = question
      const stateOf = asOf === null ? null : async () => ({ asOf })
      const key = questionText(asker.access, question)
      return answerTo({ asker, question, key }, signal, stateOf)
    },

    async resume(asker, question, cursor, signal) {
      const { tenant, access } = asker
      const hash = questionHash(access, question)
      const { receipt: id } = cursors.open(tenant, hash, cursor)
      const expired = (cause?: unknown) =>
        new MillraceError('cursor-expired', { subject: nameOf(question.subject) }, { cause })
      try {
        return await again(asker, question, id, signal, async () => {
          const receipt = await receipts.find(tenant, id)
          if (!receipt) throw expired()
          return receipt
        })
      } catch (error) {
        throw toMillraceError(error).code === 'version-swept' ? expired(error) : error
      }
    },

    ofReceipt: (asker, question, receipt, signal) =>
      again(asker, question, receipt.id, signal, async () => receipt),

    forget({ id }) {
      given.forget(id)
      kept.forget(id)
    },

    close: () => commits.close(),
  }
  return answers
}

/** A commit that is still to come would be another one's state when it has come. */
function assertMade({ asOf }: Question, newest: number): void {
  if (asOf === null || !('commit' in asOf) || asOf.commit <= newest) return
  throw new MillraceError('as-of-future', { commit: asOf.commit, newest })
}

const accessTexts = new WeakMap<Access, string>()

function accessText(access: Access): string {
  if (access === fullAccess) return ''
  const known = accessTexts.get(access)
  if (known !== undefined) return known
  const text = canonicalJson(access)
  accessTexts.set(access, text)
  return text
}

/** Differs where `questionHash` does, and costs a request that is answered from memory less. */
function questionText(access: Access, { subject, select, where, sort, asOf }: Question): string {
  const text = JSON.stringify([subjectIdentity(subject), select, where, sort, asOf])
  return `${text} ${accessText(access)}`
}

/** Equal for questions that are the same, asked by whoever sees the same. */
function questionHash(access: Access, question: Question): string {
  const { subject, select, where, sort, asOf } = question
  return sha256(canonicalJson([subjectIdentity(subject), select, where, sort, asOf])).concat(
    accessText(access) === '' ? '' : sha256(accessText(access)),
  )
}

function subjectIdentity(subject: Subject): unknown {
  switch (subject.kind) {
    case 'dataset': {
      const { definition, partitions } = subject
      const { name, codeVersion, partitioning } = definition
      const order = definition.kind === 'analysis' ? (definition.order ?? null) : null
      return ['dataset', name, codeVersion, partitioning, order, partitions]
    }
    case 'endpoint': {
      const { number, definition } = subject.version
      return ['endpoint', definition.name, number, definition.codeVersion, subject.parameters]
    }
    case 'sql':
      return subject
  }
}

function nameOf(subject: Subject): string {
  switch (subject.kind) {
    case 'dataset':
      return subject.definition.name
    case 'endpoint':
      return `endpoint ${subject.version.definition.name}`
    case 'sql':
      return 'the query'
  }
}
