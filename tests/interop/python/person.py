"""A person at the emulator's pages, without a browser."""

import html
import re

import requests

from world import BASE, CA, TENANT, WORLD


class Person:
    def __init__(self):
        self.http = requests.Session()
        self.http.verify = CA
        self.http.headers["Sec-Fetch-Mode"] = "navigate"
        self.page = ""

    def post(self, path, form):
        answer = self.http.post(BASE + path, data=form, headers={"Origin": BASE})
        assert answer.status_code == 200, f"{answer.status_code}: {answer.text}"
        self.page = answer.text

    def press(self, name, value):
        assert f'name="{name}" value="{value}"' in self.page, self.page
        flow = re.search(r'name="flow" value="([^"]+)"', self.page).group(1)
        self.post("/signin", {"flow": flow, name: value})

    def device(self, user_code, last):
        """Enters a device's code as Alice and gives the last answer."""
        self.post("/devicelogin", {"user_code": user_code})
        self.press("account", f"{TENANT}/{WORLD['alice']['oid']}")
        self.press("action", last)

    def redirect(self, url, *actions):
        """Where a redirect, or a page after these answers, takes the browser."""
        answer = self.http.get(url, allow_redirects=False)
        if answer.is_redirect:
            return answer.headers["location"]
        self.page = answer.text
        for action in actions:
            self.press("action", action)
        found = re.search(r'content="0; url=([^"]+)"', self.page)
        assert found, self.page
        return html.unescape(found.group(1))
