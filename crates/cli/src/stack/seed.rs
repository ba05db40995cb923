//! The demo organisation that a newcomer finds: a maker's year of purchases, and one busy day.
use super::{database::DatabaseUrls, secrets::Secrets};
use crate::actor::actor;
use anyhow::Context as _;
use batchtrack_core::{
    batches::{self, BatchType, Start},
    identity::{self, AccountDesk, Admission, IdentityError, NewAccount, Passwords, SignedIn},
    imports::{self, Field, ImportKind, Upload},
    inventory::{self, ActionKind, Adjustment},
    kernel::{
        Clock, Quantity, Scale, Unit,
        ids::{ItemId, RecipeId},
    },
    operators,
    platform::{
        Db, OrgTx, SystemDb,
        config::{DatabaseSettings, PasswordSettings},
        db::Acting,
        seal::Keyring,
    },
    products::{self, Finish, Into, Sale},
    recipes::{self, RecipeFilter},
};
use chrono::{Duration, NaiveDate};
use std::{collections::BTreeMap, num::NonZeroU32};

const EMAIL: &str = "demo@batchtrack.example";
const PURCHASES: &str = include_str!("../../../../samples/maker/purchases.csv");
const RECIPES: &str = include_str!("../../../../samples/maker/recipes.csv");
const DAY: &str = include_str!("../../../../samples/maker/day.csv");
/// The day on which the sample's maker works.
const SAMPLE_DAY: NaiveDate = NaiveDate::from_ymd_opt(2026, 11, 1).expect("a day");

/// What to type into the sign-in page.
pub(crate) struct DemoSignIn {
    pub(crate) email: String,
    pub(crate) password: String,
}

/// Makes the demo organisation and its day, unless they are there. `None` when somebody has made
/// that account their own.
pub(crate) async fn demo(
    urls: &DatabaseUrls,
    secrets: &Secrets,
) -> anyhow::Result<Option<DemoSignIn>> {
    let settings = database(urls);
    let system = SystemDb::connect(&settings, Clock::System).await?;
    let db = Db::connect(&settings, Clock::System).await?;
    let passwords = Passwords::new(&PasswordSettings {
        concurrency: 1,
        queue_timeout_ms: 60_000,
    });
    let keys = Keyring::new(Some(&secrets.app_key.clone().into()))?;
    let desk = AccountDesk::without_site(&keys, passwords);
    let Some(who) = account(&system, &desk, &secrets.demo).await? else {
        return Ok(None);
    };
    let Some(organization) = who.organization else {
        return Ok(None);
    };
    let mut tx = db
        .begin(Acting {
            organization,
            user: Some(who.user),
            correlation: "demo".into(),
        })
        .await?;
    // All in one transaction: a demo that was cut off half-way starts over.
    if inventory::totals(&mut tx).await?.items == 0 {
        live_a_day(&mut tx).await.context("living the demo's day")?;
        tx.commit().await?;
    }
    // Whoever starts a stack of their own wants to see what it does; once somebody has ended that, it
    // stays so.
    operators::appoint_once(&urls.owner, &Clock::System, &actor(), &EMAIL.parse()?)
        .await
        .context("making the demo's owner an operator")?;
    Ok(Some(DemoSignIn {
        email: EMAIL.to_owned(),
        password: secrets.demo.clone(),
    }))
}

fn database(urls: &DatabaseUrls) -> DatabaseSettings {
    let one = NonZeroU32::MIN;
    DatabaseSettings {
        url: urls.app.clone().into(),
        system_url: Some(urls.system.clone().into()),
        owner_url: None,
        pool_size: one,
        system_pool_size: one,
        checkout_timeout_ms: 10_000,
    }
}

async fn account(
    system: &SystemDb,
    desk: &AccountDesk,
    password: &str,
) -> anyhow::Result<Option<SignedIn>> {
    let new = NewAccount {
        organization: "Hearth & Crumb (demo)".parse()?,
        first_name: "Demo".parse()?,
        last_name: "Maker".parse()?,
        email: EMAIL.parse()?,
        username: None,
        password: password.to_owned().into(),
        timezone: "UTC".to_owned(),
    };
    match identity::sign_up(system, desk.passwords(), new, "demo").await {
        Ok(account) => Ok(Some(SignedIn {
            user: account.user,
            organization: Some(account.organization),
            session_epoch: 0,
        })),
        Err(IdentityError::EmailTaken) => {
            match identity::sign_in(system, desk, EMAIL, password.to_owned().into(), "demo").await {
                Ok(Admission::Entered(who)) => Ok(Some(who)),
                Ok(_) | Err(IdentityError::BadCredentials) => Ok(None),
                Err(error) => Err(error.into()),
            }
        }
        Err(error) => Err(error.into()),
    }
}

async fn live_a_day(tx: &mut OrgTx) -> anyhow::Result<()> {
    let purchases = shifted(PURCHASES, tx.now().date_naive() - SAMPLE_DAY);
    imports::run(
        tx,
        &upload(ImportKind::Purchases, "purchases.csv", purchases),
    )
    .await?;
    imports::run(
        tx,
        &upload(ImportKind::Recipes, "recipes.csv", RECIPES.to_owned()),
    )
    .await?;
    for line in DAY.lines().skip(1) {
        let cells: Vec<&str> = line.split(',').collect();
        let [action, what, scale, quantity, unit] = cells.as_slice() else {
            anyhow::bail!("the demo's day has a line that says nothing: {line}");
        };
        let unit = Unit::find(unit).context("a unit")?;
        let amount: Quantity = quantity.parse()?;
        match *action {
            "batch" => make(tx, what, scale.parse()?, amount, unit).await?,
            "sale" => sell(tx, what, amount, unit).await?,
            action => lose(tx, action.parse()?, what, amount, unit).await?,
        }
    }
    // Something on the stove, if there is enough left for it.
    if let Some(recipe) = recipe(tx, None).await? {
        let _ = begin(tx, recipe, Scale::ONE).await;
    }
    Ok(())
}

/// The purchases with their dates moved by as much as the sample's day is from today.
fn shifted(purchases: &str, by: Duration) -> String {
    let mut lines = purchases.lines();
    let mut moved = vec![lines.next().unwrap_or_default().to_owned()];
    for line in lines {
        let cells = line.split(',').map(|cell| {
            NaiveDate::parse_from_str(cell, "%Y-%m-%d")
                .map_or_else(|_not_a_date| cell.to_owned(), |day| (day + by).to_string())
        });
        moved.push(cells.collect::<Vec<_>>().join(","));
    }
    moved.join("\n")
}

fn upload(kind: ImportKind, file_name: &str, content: String) -> Upload {
    Upload {
        kind,
        file_name: file_name.to_owned(),
        content: content.into_bytes(),
        mapping: BTreeMap::<Field, String>::new(),
    }
}

async fn recipe(tx: &mut OrgTx, name: Option<&str>) -> anyhow::Result<Option<RecipeId>> {
    let page = recipes::list(tx, &RecipeFilter::default(), None, 100).await?;
    let found = page
        .rows
        .iter()
        .find(|row| name.is_none_or(|name| row.recipe.name == name));
    Ok(found.map(|row| row.recipe.id))
}

async fn begin(tx: &mut OrgTx, recipe: RecipeId, scale: Scale) -> anyhow::Result<batches::Started> {
    let start = Start {
        recipe,
        scale,
        batch_type: BatchType::Product,
        notes: String::new(),
        force: false,
    };
    Ok(batches::start(tx, start).await?)
}

async fn make(
    tx: &mut OrgTx,
    what: &str,
    scale: Scale,
    amount: Quantity,
    unit: &'static Unit,
) -> anyhow::Result<()> {
    let recipe = recipe(tx, Some(what))
        .await?
        .context("a recipe of that name")?;
    let started = begin(tx, recipe, scale).await?;
    let finish = Finish {
        batch: started.id,
        into: Into::Product(what.parse()?),
        amount,
        unit,
        expires_at: None,
    };
    products::finish(tx, finish).await?;
    Ok(())
}

async fn sell(
    tx: &mut OrgTx,
    what: &str,
    amount: Quantity,
    unit: &'static Unit,
) -> anyhow::Result<()> {
    let sku = products::search(tx, what, 1)
        .await?
        .pop()
        .context("a product of that name")?;
    let sale = Sale {
        sku: sku.sku.id,
        amount,
        unit,
        price: None,
        customer: None,
        order_number: None,
        note: String::new(),
    };
    products::sell(tx, sale).await?;
    Ok(())
}

async fn lose(
    tx: &mut OrgTx,
    kind: ActionKind,
    what: &str,
    amount: Quantity,
    unit: &'static Unit,
) -> anyhow::Result<()> {
    let item: ItemId = match inventory::item_by_name(tx, what).await? {
        Some(item) => item.id,
        None => {
            products::search(tx, what, 1)
                .await?
                .pop()
                .context("an item of that name")?
                .item
                .id
        }
    };
    let adjustment = Adjustment {
        item,
        kind,
        amount,
        unit,
        note: String::new(),
        customer: None,
        order_number: None,
        price: None,
    };
    inventory::take_out(tx, adjustment).await?;
    Ok(())
}
