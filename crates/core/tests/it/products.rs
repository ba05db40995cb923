use batchtrack_core::{
    inventory::{self, ActionKind, InventoryError, ItemType},
    kernel::{
        Money, Quantity,
        ids::{OrganizationId, ProductId, SkuId},
    },
    products::{self, NewProduct, NewSku, ProductError, Sale},
};
use batchtrack_testkit::{TestDb, money, receipt, unit};

async fn shop() -> (TestDb, OrganizationId) {
    let t = TestDb::new().await;
    let ours = t.organization("Acme").await;
    t.product_category("Uncategorized").await;
    (t, ours)
}

async fn product(
    t: &TestDb,
    ours: OrganizationId,
    name: &str,
    sku: NewSku,
) -> Result<(ProductId, SkuId), ProductError> {
    let new = NewProduct {
        name: name.parse().unwrap(),
        category_id: None,
        sku,
    };
    t.attempt(ours, async |tx| products::create(tx, new).await)
        .await
}

fn sale(sku: SkuId, quantity: &str, price: Option<&str>) -> Sale {
    let (amount, unit) = batchtrack_testkit::amount(quantity);
    Sale {
        sku,
        amount,
        unit,
        price: price.map(money),
        customer: Some("Ana".to_owned()),
        order_number: Some("A-17".to_owned()),
        note: String::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sale_takes_the_oldest_and_remembers_what_was_paid() {
    let (t, ours) = shop().await;
    let each = NewSku {
        retail_price: Some(money("3.50")),
        ..NewSku::each()
    };
    let (_, sku) = product(&t, ours, "Soap", each).await.unwrap();
    let mut tx = t.begin(ours).await;
    let stock = products::sku(&mut tx, sku).await.unwrap().unwrap();
    drop(tx);
    assert_eq!(
        (
            stock.product.as_str(),
            stock.variant.as_str(),
            stock.sku.size_label.as_str()
        ),
        ("Soap", "Base", "Each")
    );
    assert_eq!(
        (stock.item.name.as_str(), stock.item.item_type),
        ("Soap - Base - Each", ItemType::Product)
    );
    assert!(
        stock.sku.code.starts_with("SOA-BAS-EAC-"),
        "{}",
        stock.sku.code
    );
    t.receive(ours, receipt(stock.item.id, "20 count", "7.01"))
        .await;

    for (quantity, price, paid) in [
        ("2 count", None, Some("7.00")),
        ("1 dozen", None, Some("42.00")),
        ("1 count", Some("1"), Some("1")),
    ] {
        t.commit(ours, async |tx| {
            products::sell(tx, sale(sku, quantity, price)).await
        })
        .await;
        let mut tx = t.begin(ours).await;
        let history = inventory::history(&mut tx, stock.item.id, None, 1)
            .await
            .unwrap()
            .rows;
        let action = &history[0].action;
        assert_eq!(
            (action.kind, action.price),
            (ActionKind::Sale, paid.map(money)),
            "{quantity}"
        );
        assert_eq!(
            (action.customer.as_deref(), action.order_number.as_deref()),
            (Some("Ana"), Some("A-17"))
        );
    }
    assert_eq!(t.on_hand(ours, stock.item.id).await.0, 5_000_000);
    for (quantity, price) in [
        ("6 count", None),
        ("0 count", None),
        ("-1 count", None),
        ("1 g", None),
        ("1 count", Some("-1")),
    ] {
        let refused = t
            .attempt(ours, async |tx| {
                products::sell(tx, sale(sku, quantity, price)).await
            })
            .await;
        let refused = refused.unwrap_err();
        let expected = matches!(
            (quantity, price, &refused),
            (
                "6 count",
                _,
                ProductError::Inventory(InventoryError::Short { .. })
            ) | (
                "0 count" | "-1 count",
                _,
                ProductError::Inventory(InventoryError::NotPositive)
            ) | (
                "1 g",
                _,
                ProductError::Inventory(InventoryError::Conversion { .. })
            ) | (
                _,
                Some("-1"),
                ProductError::Inventory(InventoryError::NegativeCost)
            )
        );
        assert!(expected, "{quantity}: {refused:?}");
    }
    assert_eq!(t.on_hand(ours, stock.item.id).await.0, 5_000_000);
    assert_eq!(t.discrepancies(ours).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_product_has_each_size_once_and_a_name_of_its_own() {
    let (t, ours) = shop().await;
    let (soap, _) = product(&t, ours, "Soap", NewSku::each()).await.unwrap();
    assert!(matches!(
        product(&t, ours, "SOAP", NewSku::each()).await,
        Err(ProductError::NameTaken { .. })
    ));
    let size = |variant: &str, size: &str| NewSku {
        variant: variant.parse().unwrap(),
        size_label: size.parse().unwrap(),
        ..NewSku::each()
    };
    let add = async |sku: NewSku| {
        t.attempt(ours, async |tx| products::create_sku(tx, soap, sku).await)
            .await
    };
    assert!(matches!(
        add(size("base", "EACH")).await,
        Err(ProductError::SizeTaken { .. })
    ));
    add(size("Lavender", "Each")).await.unwrap();
    add(size("LAVENDER", "Box of 6")).await.unwrap();
    let negative = NewSku {
        retail_price: Some(Money::micros(-1)),
        ..size("Lavender", "Pair")
    };
    assert!(matches!(
        add(negative).await,
        Err(ProductError::NegativePrice)
    ));
    let mut tx = t.begin(ours).await;
    let skus = products::skus(&mut tx, Some(soap), 10).await.unwrap();
    let names: Vec<_> = skus.iter().map(|s| s.item.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "Soap - Base - Each",
            "Soap - Lavender - Each",
            "Soap - Lavender - Box of 6"
        ]
    );
    drop(tx);
    let missing = t
        .attempt(ours, async |tx| {
            products::create_sku(tx, ProductId::new(-1), NewSku::each()).await
        })
        .await;
    assert!(matches!(missing, Err(ProductError::NoProduct)));
    let no_category = NewProduct {
        name: "Balm".parse().unwrap(),
        category_id: Some(-1),
        sku: NewSku::each(),
    };
    let refused = t
        .attempt(ours, async |tx| products::create(tx, no_category).await)
        .await;
    assert!(matches!(refused, Err(ProductError::NoCategory)));

    // The longest names there may be still name two sizes apart.
    let long = "ö".repeat(128);
    let (product, _) = product(&t, ours, &long, size("Base", "Small"))
        .await
        .unwrap();
    let large = size("Base", "Large");
    t.commit(ours, async |tx| {
        products::create_sku(tx, product, large).await
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn skus_run_low_by_their_threshold() {
    let (t, ours) = shop().await;
    let few = NewSku {
        low_stock_threshold: Some(Quantity::micros(4_000_000)),
        unit: unit("bar"),
        ..NewSku::each()
    };
    let (_, sku) = product(&t, ours, "Soap", few).await.unwrap();
    product(&t, ours, "Balm", NewSku::each()).await.unwrap();
    let mut tx = t.begin(ours).await;
    let item = products::sku(&mut tx, sku).await.unwrap().unwrap().item.id;
    drop(tx);
    t.receive(ours, receipt(item, "6 bar", "1")).await;
    let mut tx = t.begin(ours).await;
    assert_eq!(
        products::low_stock(&mut tx, 1_499_999, 10)
            .await
            .unwrap()
            .len(),
        0
    );
    let low = products::low_stock(&mut tx, 1_500_000, 10).await.unwrap();
    assert_eq!(low.len(), 1);
    assert_eq!(low[0].sku.id, sku);
    assert_eq!(
        products::sku_of_item(&mut tx, item)
            .await
            .unwrap()
            .unwrap()
            .sku
            .id,
        sku
    );
}
