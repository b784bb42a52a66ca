# Chromium for the tests of the console. No server: TEST_CHROMIUM is the path of the program, and "running" means that
# it is installed. Sourced by scripts/services.

chromium_variable=TEST_CHROMIUM

chromium_url() { command -v chromium; }

chromium_running() { chromium_url >/dev/null; }

# The fonts: Latin with figures of one width, and Chinese; a screenshot of boxes shows nothing.
chromium_up() {
  chromium_running || apt_install chromium $chromium_variable chromium fonts-dejavu-core fonts-wqy-microhei
}

# Nothing runs between two tests.
chromium_down() { :; }
