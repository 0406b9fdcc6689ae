//! Who is calling, in every kind of handler of a real rmcp server.

use crate::common::mcp::{Raw, Reply, listen, service};
use crate::common::world::{World, read};
use entra_claims::Requirement;
use entra_emulator::demo;
use entra_obo::{ClientCredential, ClientSecret, Downstream, ExchangeClient};
use foundry_scopes::{ClientId, ScopeSet};
use mcp_auth::rmcp::{HandlerContext, caller};
use mcp_auth::shared::SealingKeys;
use mcp_auth::{Caller, SealedHandles};
use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CallToolResult, GetPromptRequestParams,
    GetPromptResponse, GetPromptResult, ListPromptsResult, ListResourcesResult, ListToolsResult,
    PaginatedRequestParams, Prompt, PromptMessage, ReadResourceRequestParams, ReadResourceResponse,
    ReadResourceResult, Resource, ResourceContents, Role, ServerCapabilities, ServerConfig, Tool,
};
use rmcp::service::{NotificationContext, RequestContext};
use rmcp::transport::streamable_http_server::StreamableHttpServerConfig;
use rmcp::{ErrorData, RoleServer, ServerHandler};
use serde_json::{Value, json};
use tokio::sync::mpsc;

/// Says in every handler who is calling.
#[derive(Clone)]
struct Shop {
    orders: Downstream,
    carts: SealedHandles,
    notified: mpsc::UnboundedSender<String>,
}

fn object(context: &impl HandlerContext) -> Result<String, ErrorData> {
    Ok(caller(context)?.principal().object().to_string())
}

impl Shop {
    async fn tool(&self, name: &str, text: &str, caller: &Caller) -> Result<Value, ErrorData> {
        match name {
            "who" => Ok(json!({
                "object": caller.principal().object().to_string(),
                "uti": caller.token().claims().get("uti"),
            })),
            "orders" => match caller.on_behalf_of(&self.orders).await {
                Ok(token) => Ok(json!({"scopes": token.scopes().collect::<Vec<_>>()})),
                Err(error) if error.exchange().is_none() => {
                    Ok(json!({"no_user": error.to_string()}))
                }
                Err(error) => panic!("{error:?}"),
            },
            "new_cart" => Ok(json!({"cart": self.carts.seal(caller, "17")?})),
            "cart" => Ok(json!({"cart": self.carts.open(caller, text)?})),
            other => panic!("{other}"),
        }
    }
}

impl ServerHandler for Shop {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_tools()
            .enable_prompts()
            .enable_resources()
            .build();
        ServerConfig::new(capabilities)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        let caller = caller(&context)?;
        let arguments = request.arguments.unwrap_or_default();
        let text = arguments
            .get("text")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let content = self.tool(&request.name, text, &caller).await?;
        Ok(CallToolResult::structured(content).into())
    }

    async fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListToolsResult, ErrorData> {
        let tool = Tool::new("who", object(&context)?, serde_json::Map::new());
        Ok(ListToolsResult::with_all_items(vec![tool]))
    }

    async fn list_resources(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListResourcesResult, ErrorData> {
        let resource = Resource::new("shop://me", object(&context)?);
        Ok(ListResourcesResult::with_all_items(vec![resource]))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let content = ResourceContents::text(object(&context)?, request.uri);
        Ok(ReadResourceResult::new(vec![content]).into())
    }

    async fn list_prompts(
        &self,
        _: Option<PaginatedRequestParams>,
        context: RequestContext<RoleServer>,
    ) -> Result<ListPromptsResult, ErrorData> {
        let prompt = Prompt::new("me", Some(object(&context)?), None);
        Ok(ListPromptsResult::with_all_items(vec![prompt]))
    }

    async fn get_prompt(
        &self,
        _: GetPromptRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<GetPromptResponse, ErrorData> {
        let message = PromptMessage::new_text(Role::User, object(&context)?);
        Ok(GetPromptResult::new(vec![message]).into())
    }

    async fn on_roots_list_changed(&self, context: NotificationContext<RoleServer>) {
        self.notified.send(object(&context).unwrap()).unwrap();
    }
}

struct Scene {
    world: World,
    origin: String,
    exchange: ExchangeClient,
    notified: mpsc::UnboundedReceiver<String>,
}

impl Scene {
    async fn start() -> Self {
        let world = World::start().await;
        let secret = ClientCredential::secret(ClientSecret::new(demo::MCP_SERVER_SECRET));
        let client = ClientId::parse(demo::MCP_SERVER).unwrap();
        let exchange = ExchangeClient::new(world.authority.clone(), client, secret).unwrap();
        let orders = ScopeSet::parse(demo::ORDERS_READ_SCOPE).unwrap();
        let (sender, notified) = mpsc::unbounded_channel();
        let shop = Shop {
            orders: exchange.downstream(orders).unwrap(),
            carts: SealedHandles::new(&SealingKeys::random().unwrap(), "cart").unwrap(),
            notified: sender,
        };
        // Applications may come in as well.
        let guard = world.guard_for(Requirement::any_of([read(), Requirement::any_role()]));
        let app = service(shop, StreamableHttpServerConfig::default()).layer(guard);
        Self {
            origin: listen(app).await,
            world,
            exchange,
            notified,
        }
    }

    fn modern(&self, user: &str) -> Raw {
        Raw::modern(&self.origin, &self.world.token_of(user), json!({}))
    }

    async fn legacy(&self, user: &str) -> Raw {
        Raw::legacy(&self.origin, &self.world.token_of(user), json!({})).await
    }
}

/// Tools, resources, prompts, lists and notifications, in both eras.
#[tokio::test]
async fn every_kind_of_handler_knows_its_caller() {
    let mut scene = Scene::start().await;
    for user in [demo::ALICE, demo::BOB] {
        let legacy = scene.legacy(user).await;
        for client in [scene.modern(user), legacy.clone()] {
            let said = |reply: &Reply, pointer: &str| {
                let found = reply.result().pointer(pointer);
                assert_eq!(found.unwrap_or(&Value::Null), user, "{reply:?}");
            };
            said(
                &client.call("who", json!({})).await,
                "/structuredContent/object",
            );
            let lists = [
                ("tools/list", "/tools/0/description"),
                ("resources/list", "/resources/0/name"),
                ("prompts/list", "/prompts/0/description"),
            ];
            for (method, pointer) in lists {
                said(&client.request(method, json!({})).await, pointer);
            }
            let read = client
                .request("resources/read", json!({"uri": "shop://me"}))
                .await;
            said(&read, "/contents/0/text");
            let prompt = client.request("prompts/get", json!({"name": "me"})).await;
            said(&prompt, "/messages/0/content/text");
        }
        legacy.notify("notifications/roots/list_changed").await;
        assert_eq!(scene.notified.recv().await.unwrap(), user);
    }
}

/// Many calls of two users at once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn concurrent_callers_are_never_mixed_up() {
    let scene = Scene::start().await;
    let mut all = tokio::task::JoinSet::new();
    for user in [demo::ALICE, demo::BOB] {
        let legacy = scene.legacy(user).await;
        for client in [scene.modern(user), legacy] {
            for _ in 0..4 {
                let client = client.clone();
                all.spawn(async move {
                    for _ in 0..100 {
                        let reply = client.call("who", json!({})).await;
                        assert_eq!(reply.content()["object"], user);
                    }
                });
            }
        }
    }
    while let Some(done) = all.join_next().await {
        done.unwrap();
    }
}

/// A session is not who is calling; each request's own token says that.
#[tokio::test]
async fn a_refreshed_token_is_seen_in_the_same_session() {
    let scene = Scene::start().await;
    let first = scene.legacy(demo::ALICE).await;
    let refreshed = first.with_token(&scene.world.token_of(demo::ALICE));
    let before = first.call("who", json!({})).await;
    let after = refreshed.call("who", json!({})).await;
    assert_eq!(after.content()["object"], demo::ALICE);
    assert!(after.content()["uti"].is_string());
    assert_ne!(after.content()["uti"], before.content()["uti"]);
}

/// One request per user and downstream.
#[tokio::test]
async fn a_second_exchange_is_answered_from_the_cache_and_another_users_is_not() {
    let scene = Scene::start().await;
    let (alice, bob) = (scene.modern(demo::ALICE), scene.modern(demo::BOB));
    for (client, requests) in [(&alice, 1), (&alice, 1), (&bob, 2), (&bob, 2)] {
        let reply = client.call("orders", json!({})).await;
        assert_eq!(reply.content()["scopes"], json!([demo::ORDERS_READ_SCOPE]));
        assert_eq!(scene.exchange.stats().requests, requests);
    }
}

#[tokio::test]
async fn an_application_is_told_that_it_is_no_user() {
    let scene = Scene::start().await;
    let token = scene.world.app_token(&[demo::MCP_RUN_ROLE]);
    let app = Raw::modern(&scene.origin, &token, json!({}));
    let reply = app.call("orders", json!({})).await;
    let said = reply.content()["no_user"].as_str().unwrap();
    assert!(said.contains("stands for no user"), "{said}");
    assert_eq!(scene.exchange.stats().requests, 0);
}

/// A cart's handle that another user got hold of is worth nothing to them.
#[tokio::test]
async fn a_handle_of_one_user_is_refused_to_another() {
    let scene = Scene::start().await;
    let (alice, bob) = (scene.modern(demo::ALICE), scene.modern(demo::BOB));
    let reply = alice.call("new_cart", json!({})).await;
    let cart = reply.content()["cart"].as_str().unwrap().to_owned();
    assert!(!cart.contains("17"));
    let reply = alice.call("cart", json!({"text": cart})).await;
    assert_eq!(reply.content()["cart"], "17");
    let stolen = bob.call("cart", json!({"text": cart})).await;
    let invented = bob.call("cart", json!({"text": "17"})).await;
    for refused in [&stolen, &invented] {
        assert_eq!(refused.error()["code"], -32602, "{refused:?}");
    }
    assert_eq!(stolen.error(), invented.error(), "nothing tells them apart");
}
