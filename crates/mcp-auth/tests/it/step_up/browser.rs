//! A person at a browser, reduced to cookies, forms and refreshes.

use std::collections::BTreeMap;

use entra_emulator::demo;
use reqwest::{RequestBuilder, Response, StatusCode};
use url::Url;

use super::scene::Scene;
use crate::common::mcp::Reply;

/// The page in an "input required" result.
pub(crate) fn page(reply: &Reply) -> String {
    let params = &reply.result()["inputRequests"]["consent"]["params"];
    params["url"]
        .as_str()
        .unwrap_or_else(|| panic!("{reply:?}"))
        .to_owned()
}

pub(crate) struct Browser<'a> {
    scene: &'a Scene,
    http: reqwest::Client,
    /// Cookies by origin, which is stricter than browsers are.
    pub(crate) cookies: BTreeMap<(String, String), String>,
}

/// What the browser shows.
#[derive(Debug)]
pub(crate) struct Shown {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) text: String,
}

impl<'a> Browser<'a> {
    pub(crate) fn new(scene: &'a Scene) -> Self {
        let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
        Self {
            scene,
            http: http.no_proxy().build().unwrap(),
            cookies: BTreeMap::new(),
        }
    }

    /// Another tab: the same cookies.
    pub(crate) fn twin(&self) -> Self {
        Self {
            cookies: self.cookies.clone(),
            ..Self::new(self.scene)
        }
    }

    pub(crate) async fn get(&mut self, url: &str) -> Shown {
        let request = self.http.get(url);
        self.send(url, request).await
    }

    pub(crate) async fn request(
        &mut self,
        method: &str,
        url: &str,
        headers: &[(&str, &str)],
    ) -> Shown {
        let mut request = self.http.request(method.parse().unwrap(), url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(url, request).await
    }

    /// The button of one of our pages.
    pub(crate) async fn press(&mut self, url: &str) -> Shown {
        let origin = self.scene.origin.clone();
        self.request(
            "POST",
            url,
            &[("origin", &origin), ("sec-fetch-site", "same-origin")],
        )
        .await
    }

    /// A form of Entra ID's pages.
    async fn answer(&mut self, shown: &Shown, name: &str, value: &str) -> Shown {
        let field = format!("name=\"{name}\" value=\"{value}\"");
        assert!(
            shown.text.contains(&field),
            "{name}={value}: {}",
            shown.text
        );
        let flow = shown.text.split("name=\"flow\" value=\"").nth(1).unwrap();
        let flow = flow.split('"').next().unwrap();
        let base = self.scene.world.emulator.base_url().to_owned();
        let url = format!("{base}/signin");
        let form = [("flow", flow), (name, value)];
        let request = self.http.post(&url).form(&form).header("origin", base);
        self.send(&url, request).await
    }

    async fn send(&mut self, url: &str, request: RequestBuilder) -> Shown {
        let origin = Url::parse(url).unwrap().origin().ascii_serialization();
        let mine = self.cookies.iter().filter(|((of, _), _)| *of == origin);
        let cookies: Vec<_> = mine
            .map(|((_, name), value)| format!("{name}={value}"))
            .collect();
        let request = request
            .header("sec-fetch-mode", "navigate")
            .header("cookie", cookies.join("; "));
        let response: Response = request.send().await.unwrap();
        for cookie in response.headers().get_all("set-cookie") {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies
                .insert((origin.clone(), name.to_owned()), value.to_owned());
        }
        Shown {
            status: response.status(),
            headers: response.headers().clone(),
            text: response.text().await.unwrap(),
        }
    }

    /// From our page to the callback of the sign-in, as this user; its address.
    pub(crate) async fn sign_in(&mut self, page: &str, user: &str) -> String {
        let pressed = self.press(page).await;
        assert_eq!(pressed.status, 200, "{pressed:?}");
        let picker = self.get(&pressed.refresh()).await;
        let account = format!("{}/{user}", demo::TENANT);
        let signed_in = self.answer(&picker, "account", &account).await;
        signed_in.refresh()
    }

    /// From the callback to what Entra ID asks next, answered with these buttons; the
    /// address of the second callback.
    pub(crate) async fn go_on(&mut self, callback: &str, buttons: &[&str]) -> String {
        let sent = self.get(callback).await;
        assert_eq!(sent.status, 303, "{sent:?}");
        let mut shown = self.get(sent.headers["location"].to_str().unwrap()).await;
        for button in buttons {
            shown = self.answer(&shown, "action", button).await;
        }
        if shown.status == 302 {
            return shown.headers["location"].to_str().unwrap().to_owned();
        }
        shown.refresh()
    }

    /// All of it.
    pub(crate) async fn consent(&mut self, page: &str, user: &str) -> Shown {
        let callback = self.sign_in(page, user).await;
        let callback = self.go_on(&callback, &["accept"]).await;
        self.get(&callback).await
    }
}

impl Shown {
    /// Where the page takes the browser.
    pub(crate) fn refresh(&self) -> String {
        let url = self.text.split("content=\"0; url=").nth(1);
        let url = url
            .unwrap_or_else(|| panic!("{self:?}"))
            .split('"')
            .next()
            .unwrap();
        url.replace("&amp;", "&")
    }

    pub(crate) fn says(&self, status: u16, text: &str) {
        assert_eq!(self.status, status, "{self:?}");
        assert!(self.text.contains(text), "{self:?}");
    }
}
