//! A person at the pages: a browser reduced to cookies and forms.

use reqwest::Response;
use url::Url;

use crate::support::World;

/// A browser without scripts: it keeps one cookie and says where its forms come from.
pub(crate) struct Person<'a> {
    pub(crate) world: &'a World,
    pub(crate) cookie: Option<String>,
    pub(crate) origin: Option<String>,
    pub(crate) page: String,
}

impl<'a> Person<'a> {
    pub(crate) fn new(world: &'a World) -> Self {
        Self {
            world,
            cookie: None,
            origin: Some(world.emulator.base_url().to_owned()),
            page: String::new(),
        }
    }

    /// Opens the authorization endpoint of the demo tenant.
    pub(crate) async fn open(&mut self, params: &[(&str, &str)]) -> Response {
        let endpoint = self
            .world
            .emulator
            .authorization_endpoint(entra_emulator::demo::TENANT);
        let url = Url::parse_with_params(&endpoint, params).unwrap();
        let request = self
            .world
            .http
            .get(url)
            .header("sec-fetch-mode", "navigate");
        self.send(request).await
    }

    /// Opens any page of the emulator and reads it.
    pub(crate) async fn visit(&mut self, url: Url) {
        let request = self.world.http.get(url);
        let response = self
            .send(request.header("sec-fetch-mode", "navigate"))
            .await;
        assert_eq!(response.status(), 200);
        self.page = response.text().await.unwrap();
    }

    /// Opens a page and reads it.
    pub(crate) async fn look(&mut self, params: &[(&str, &str)]) {
        let response = self.open(params).await;
        assert_eq!(response.status(), 200);
        self.page = response.text().await.unwrap();
    }

    /// Presses a button of the page.
    pub(crate) async fn press(&mut self, name: &str, value: &str) -> Response {
        assert!(
            self.page
                .contains(&format!("name=\"{name}\" value=\"{value}\"")),
            "{}",
            self.page
        );
        let flow = self.flow();
        self.post("/signin", &[("flow", &flow), (name, value)])
            .await
    }

    /// Presses a button and reads the next page.
    pub(crate) async fn on(&mut self, name: &str, value: &str) {
        let response = self.press(name, value).await;
        assert_eq!(response.status(), 200);
        self.page = response.text().await.unwrap();
    }

    pub(crate) async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Response {
        let url = format!("{}{path}", self.world.emulator.base_url());
        let mut request = self.world.http.post(url).form(form);
        if let Some(origin) = &self.origin {
            request = request.header("origin", origin);
        }
        self.send(request.header("sec-fetch-mode", "navigate"))
            .await
    }

    async fn send(&mut self, mut request: reqwest::RequestBuilder) -> Response {
        if let Some(cookie) = &self.cookie {
            request = request.header("cookie", cookie);
        }
        let response = request.send().await.unwrap();
        if let Some(cookie) = response.headers().get("set-cookie") {
            let text = cookie.to_str().unwrap();
            assert!(text.contains("; HttpOnly; SameSite=Lax"), "{text}");
            self.cookie = text.split(';').next().map(str::to_owned);
        }
        response
    }

    /// The id that the page's form carries.
    pub(crate) fn flow(&self) -> String {
        let after = self.page.split("name=\"flow\" value=\"").nth(1).unwrap();
        after.split('"').next().unwrap().to_owned()
    }

    /// Where the page takes the browser.
    pub(crate) fn way_back(&self) -> Url {
        let after = self.page.split("content=\"0; url=").nth(1);
        let url = after
            .unwrap_or_else(|| panic!("{}", self.page))
            .split('"')
            .next()
            .unwrap();
        Url::parse(&url.replace("&amp;", "&")).unwrap()
    }

    pub(crate) fn answered(&self, name: &str) -> Option<String> {
        let url = self.way_back();
        url.query_pairs()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.into_owned())
    }
}
