/** Outputs of a running cell as a notebook file stores them: streams joined, displays updated in place. */
import type { Json, Message } from './wire/messages.js'

export type Output = Json & { output_type: string }

/** MIME types beside text/* whose data a notebook file stores line by line. */
const splitTypes = new Set(['application/javascript', 'image/svg+xml'])

export class NotebookOutputs {
  /** Outputs shown under a display id, in whatever cell they stand. */
  private readonly displays = new Map<string, Output[]>()

  /** Takes an iopub message into `outputs`, the outputs of the cell that is its parent. */
  receive({ header, content }: Message, outputs: Output[]): void {
    const { data, metadata, transient } = content as { data: Json; metadata: Json; transient?: { display_id?: string } }
    const displayId = transient?.display_id
    if (header.msg_type === 'stream') addStream(outputs, String(content['name']), String(content['text']))
    else if (header.msg_type === 'update_display_data')
      for (const output of this.displays.get(displayId ?? '') ?? []) Object.assign(output, { data, metadata })
    else if (header.msg_type === 'display_data') {
      const output = { output_type: 'display_data', data, metadata }
      outputs.push(output)
      if (displayId !== undefined) this.displays.set(displayId, [...(this.displays.get(displayId) ?? []), output])
    } else if (header.msg_type === 'execute_result') {
      outputs.push({ output_type: 'execute_result', execution_count: content['execution_count'], data, metadata })
    } else if (header.msg_type === 'error') {
      const { ename, evalue, traceback } = content
      outputs.push({ output_type: 'error', ename, evalue, traceback })
    }
  }
}

function addStream(outputs: Output[], name: string, text: string): void {
  const last = outputs.at(-1)
  if (last?.output_type === 'stream' && last['name'] === name) last['text'] = String(last['text']) + text
  else outputs.push({ output_type: 'stream', name, text })
}

/** An output with its texts split into lines, as the notebook format wants them. */
export function stored(output: Output): Output {
  if (output.output_type === 'stream') return { ...output, text: splitLines(String(output['text'])) }
  if (!('data' in output)) return output
  const data = Object.entries(output['data'] as Json).map(([mime, part]) =>
    typeof part === 'string' && (mime.startsWith('text/') || splitTypes.has(mime))
      ? [mime, splitLines(part)]
      : [mime, part],
  )
  return { ...output, data: Object.fromEntries(data) as Json }
}

function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? []
}
