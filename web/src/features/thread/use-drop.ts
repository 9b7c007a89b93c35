import { useRef, useState, type DragEvent } from 'react'

/** Files that are dragged over an element. */
export function useDrop(onFiles: ((files: File[]) => void) | null) {
  const [isOver, setOver] = useState(false)
  // Every child that is entered is told before the last one is left.
  const depth = useRef(0)
  const isFiles = (event: DragEvent) => onFiles !== null && event.dataTransfer.types.includes('Files')
  return {
    isOver,
    handlers: {
      onDragEnter(event: DragEvent) {
        if (!isFiles(event)) return
        depth.current += 1
        setOver(true)
      },
      onDragOver(event: DragEvent) {
        // Without this the browser would open the file in place of the page.
        if (event.dataTransfer.types.includes('Files')) event.preventDefault()
      },
      onDragLeave(event: DragEvent) {
        if (!isFiles(event)) return
        depth.current = Math.max(0, depth.current - 1)
        if (depth.current === 0) setOver(false)
      },
      onDrop(event: DragEvent) {
        depth.current = 0
        setOver(false)
        if (!event.dataTransfer.types.includes('Files')) return
        event.preventDefault()
        const files = [...event.dataTransfer.files]
        if (files.length > 0) onFiles?.(files)
      },
    },
  }
}
