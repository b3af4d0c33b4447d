"""The public test suite for Jupyter kernels (jupyter_kernel_test) on gradbook: every test that it has, none skipped."""
import sys
import unittest

import jupyter_kernel_test
from jupyter_kernel_test import TIMEOUT


class Gradbook(jupyter_kernel_test.KernelTests):
    @classmethod
    def setUpClass(cls):
        """The suite gives each output a tenth of a second, which a busy machine may need for itself."""
        super().setUpClass()
        cls.kc.execute_interactive("0", timeout=120)  # a start is not what is tested
        channel = cls.kc.iopub_channel
        get_msg = channel.get_msg
        channel.get_msg = lambda timeout: get_msg(timeout=max(timeout, TIMEOUT))

    def flush_channels(self):
        """Outputs come in order, so whatever comes before the end of one more request belongs to what was there before."""
        request = self.kc.kernel_info()
        state = None
        while state != "idle":
            message = self.kc.get_iopub_msg(timeout=TIMEOUT)
            jupyter_kernel_test.validate_message(message)
            if message["parent_header"].get("msg_id") == request:
                state = message["content"].get("execution_state")
        while self.kc.get_shell_msg(timeout=TIMEOUT)["parent_header"].get("msg_id") != request:
            pass

    kernel_name = "gradbook"
    language_name = "typescript"
    file_extension = ".ts"

    code_hello_world = "console.log('hello, world')"
    code_stderr = "console.error('a warning')"
    code_page_something = "nn.Linear?"
    code_generate_error = "throw new Error('on purpose')"
    code_clear_output = "display.clear()"
    code_inspect_sample = "manualSeed"
    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": "tensor([1, 2]).sum().item()", "result": "3"},
        {"code": "await Promise.resolve('awaited')", "result": "'awaited'"},
    ]
    code_display_data = [
        {"code": "display.html('<b>bold</b>')", "mime": "text/html"},
        {"code": "display.svg('<svg xmlns=\"http://www.w3.org/2000/svg\"/>')", "mime": "image/svg+xml"},
        {"code": "display({ a: 1 })", "mime": "text/plain"},
    ]
    completion_samples = [
        {"text": "manualSee", "matches": {"manualSeed"}},
        {"text": "nn.MaxPool1", "matches": {"MaxPool1d"}},
    ]
    complete_code_samples = ["1 + 1", "const f = (x: number) => x * 2", "for (const i of [1]) {\n}", "nn.Linear?", ""]
    incomplete_code_samples = ["for (;;) {", "const text = `", "f(1,", "class A {"]
    invalid_code_samples = ["1 +* 2", "const = 3", "}"]
    code_history_pattern = "6 [*] *"
    supported_history_operations = ("tail", "range", "search")


class Welcome(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = "gradbook"
    support_iopub_welcome = True


if __name__ == "__main__":
    result = unittest.main(exit=False, verbosity=2).result
    for test, reason in result.skipped:
        print(f"skipped: {test}: {reason}", file=sys.stderr)
    sys.exit(not result.wasSuccessful() or len(result.skipped) > 0)
