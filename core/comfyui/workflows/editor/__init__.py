"""The parts of the conversion from the editor's format; `core.comfyui.workflows.editor_format` is the way in."""
