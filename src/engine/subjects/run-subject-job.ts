import type { JobContext } from '#engine/job-context.ts'
import { runCompact } from '#engine/subjects/compact.ts'
import { runForget } from '#engine/subjects/forget.ts'
import type { SubjectJob, SubjectResult } from '#engine/subjects/subject-job.ts'
import { runCollect, runSeen, runTrace } from '#engine/subjects/subject-reads.ts'

export function runSubjectJob(job: SubjectJob, context: JobContext): Promise<SubjectResult> {
  switch (job.kind) {
    case 'subject-forget':
      return runForget(job, context)
    case 'subject-compact':
      return runCompact(job, context)
    case 'subject-seen':
      return runSeen(job, context)
    case 'subject-trace':
      return runTrace(job, context)
    case 'subject-collect':
      return runCollect(job, context)
  }
}
