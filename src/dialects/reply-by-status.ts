import { Type } from 'typebox'
import { json, problem } from './answer.ts'
import type { Answer, HookReply } from './dialect.ts'

/** What is told to those who read the status only. */
export const STATUS_REPLIES = { 200: Type.Object({ id: Type.String(), status: Type.String() }) }

/** 200 for what was sent, or may have been, so that it is not asked for again; else the failure of the table. */
export const replyByStatus = (answer: Answer): HookReply => {
  switch (answer.kind) {
    case 'accepted':
    case 'duplicate':
    case 'unknown': return json(200, { id: answer.id, status: answer.kind })
    case 'failure': return problem(answer)
  }
}
