//! A newcomer's first hour, in a real browser through nginx: from an empty shelf to a sale and back.
//! What is looked for is what a person sees, to the last digit.
use batchtrack_e2e::{Browser, PASSWORD, Stack};

const EMAIL: &str = "maya@example.com";

#[tokio::test(flavor = "multi_thread")]
async fn a_maker_walks_from_purchase_to_sale() {
    let stack = Stack::up("walk");
    let maya = Browser::start(stack.http()).await;
    sign_up(&maya).await;
    stock_up(&maya).await;
    take_out(&maya).await;
    write_a_recipe(&maya).await;
    make_a_batch(&maya).await;
    sell_and_take_it_back(&maya).await;
    look_around(&maya).await;
    assert_eq!(maya.cookies().await, [("batchtrack".to_owned(), false)]);
    sign_out(&maya).await;
    maya.quit().await;
    stack.must_verify();

    the_same_over_https(&stack).await;
}

async fn sign_up(maya: &Browser) {
    maya.open("/").await;
    maya.picture("home").await;
    maya.open("/auth/signup").await;
    maya.type_in("First name", "Maya").await;
    maya.type_in("Last name", "Maker").await;
    maya.type_in("Workshop or business", "Maya's Soaps").await;
    maya.type_in("E-mail address", "maya").await;
    maya.type_in("Password", PASSWORD).await;
    maya.picture("sign-up").await;
    maya.go("Create workspace").await;
    maya.see("Enter an e-mail address such as").await;
    maya.picture("sign-up-again").await;
    maya.type_in("E-mail address", EMAIL).await;
    maya.type_in("Password", PASSWORD).await;
    maya.go("Create workspace").await;
    assert_eq!(maya.path().await, "/user_dashboard");
    maya.see("Welcome to BatchTrack").await;
    maya.see("Maya's Soaps").await;
    maya.picture("dashboard-empty").await;
    for (path, name) in [
        ("/inventory/", "stock-empty"),
        ("/recipes/", "recipes-empty"),
        ("/batches/", "batches-empty"),
        ("/products/", "products-empty"),
    ] {
        maya.open(path).await;
        maya.picture(name).await;
    }
}

/// 35 lb of oil for $148.75, and 500 ml of fragrance for $83.33.
async fn stock_up(maya: &Browser) {
    maya.open("/inventory/").await;
    maya.see("Your shelves are empty").await;
    maya.go("Add the first item").await;
    maya.go("Save item").await;
    maya.picture("new-item-again").await;
    maya.type_in("Name", "Olive Oil").await;
    maya.choose("Unit", "g").await;
    maya.type_in("Density", "0.915").await;
    maya.picture("new-item").await;
    maya.go("Save item").await;
    maya.see("Nothing on the shelf").await;
    maya.picture("item-empty").await;

    maya.type_in("How much came", "35").await;
    maya.choose("Unit of How much came", "lb").await;
    maya.type_in("Cost", "148.75").await;
    maya.type_in("Supplier", "Northwind Oils").await;
    maya.go("Restock").await;
    maya.see("15,875.72 g").await;
    maya.see("$148.75").await;
    maya.see("Northwind Oils").await;
    maya.picture("item").await;

    maya.open("/inventory/new").await;
    maya.type_in("Name", "Lavender Oil").await;
    maya.choose("Unit", "ml").await;
    maya.type_in("Density", "0.885").await;
    maya.type_in("How much", "500").await;
    maya.type_in("What it cost together", "83.33").await;
    maya.go("Save item").await;
    maya.see("500 ml").await;
    maya.see("$83.33").await;
}

/// 113.7 g of it went bad: of 148.75 it takes 1.065329, and no more.
async fn take_out(maya: &Browser) {
    maya.open("/inventory/").await;
    maya.go("Olive Oil").await;
    maya.press("Take out").await;
    maya.choose("What happened", "Spoiled").await;
    // The form above has a field of that name too.
    maya.type_in("How much", "113.7").await;
    maya.go("Take out").await;
    maya.see("15,762.02 g").await;
    maya.see("$147.684671").await;
    maya.picture("item-history").await;
    maya.open("/inventory/").await;
    maya.see("$147.68").await;
    maya.picture("stock").await;
}

/// Pounds of what is kept in grams, and grams of what is kept in millilitres.
async fn write_a_recipe(maya: &Browser) {
    maya.open("/recipes/").await;
    maya.go("New recipe").await;
    maya.type_in("Name", "Lavender Bar").await;
    maya.type_in("One batch makes", "18").await;
    for (nth, (name, amount, unit)) in [("Olive Oil", "2", "lb"), ("Lavender Oil", "48", "g")]
        .into_iter()
        .enumerate()
    {
        maya.type_nth("Name of the ingredient", nth, name).await;
        maya.type_nth("Amount", nth, amount).await;
        // The first “Unit” of the page is that of the yield.
        maya.choose_nth("Unit", nth + 1, unit).await;
    }
    maya.type_in("Instructions", "Melt, blend to trace, pour, wait.")
        .await;
    maya.picture("new-recipe").await;
    maya.go("Save recipe").await;
    maya.see("Lavender Bar is ready to be made").await;
    // 8.50 of oil, and 9.039186 of fragrance, of which 48 g are 54.237288 ml.
    maya.see("It costs $17.539186").await;
    maya.see("Per piece $0.974399").await;
    maya.see("Everything is there").await;
    maya.picture("recipe").await;
    maya.open("/recipes/").await;
    maya.see("Lavender Bar").await;
    maya.picture("recipes").await;
}

async fn make_a_batch(maya: &Browser) {
    maya.open("/recipes/").await;
    maya.go("Lavender Bar").await;
    // Far more than there is: the page says what is missing, and nothing is taken.
    maya.type_in("How many times", "30").await;
    maya.go("Check").await;
    maya.see("2 lines are short").await;
    maya.go("Start batch").await;
    maya.see("Not started").await;
    maya.picture("recipe-short").await;

    maya.open("/recipes/").await;
    maya.go("Lavender Bar").await;
    maya.type_in("Notes", "First try").await;
    maya.go("Start batch").await;
    maya.see("Cost so far $17.539186").await;
    maya.see("54.237 ml").await;
    maya.see("First try").await;
    maya.picture("batch-in-progress").await;
    maya.open("/batches/").await;
    maya.see("Lavender Bar").await;
    maya.picture("batches").await;
    maya.go("Lavender Bar").await;

    maya.type_in("How much came out", "18").await;
    maya.type_in("Name of the product", "Lavender Bar").await;
    maya.go("Complete batch").await;
    maya.see("LAB1-").await;
    maya.see("is completed").await;
    maya.go("Lavender Bar").await;
    maya.see("$17.539186").await;
    maya.picture("batch").await;
    maya.open("/inventory/").await;
    maya.see("14,854.836 g").await;
    maya.see("445.763 ml").await;
}

/// Five of eighteen for $30: they take 4.871996 of 17.539186 along.
async fn sell_and_take_it_back(maya: &Browser) {
    maya.open("/products/").await;
    maya.see("18 ct").await;
    maya.see("$17.54").await;
    maya.picture("products").await;
    maya.go("Lavender Bar").await;
    maya.type_in("How many", "5").await;
    maya.type_in("Paid in all", "30").await;
    maya.type_in("Customer", "Farmers' market").await;
    maya.go("Record the sale").await;
    maya.see("13 ct").await;
    maya.see("$12.67").await;
    maya.picture("product-sold").await;
    maya.go("Undo").await;
    maya.see("18 ct").await;
    maya.see("$17.54").await;
    maya.picture("product").await;
}

async fn look_around(maya: &Browser) {
    maya.open("/user_dashboard").await;
    // 139.184671 of oil, 74.290814 of fragrance and 17.539186 of soap.
    maya.see("$231.01").await;
    maya.see("Lavender Bar").await;
    maya.picture("dashboard").await;
    for (path, name) in [
        ("/products/alerts", "products-low"),
        ("/products/new", "new-product"),
        ("/imports/", "imports"),
        ("/imports/new?kind=purchases", "import-purchases"),
        ("/imports/new?kind=recipes", "import-recipes"),
        ("/global-items", "library"),
        ("/tools/", "tools"),
        ("/tools/unit-converter", "converter"),
    ] {
        maya.open(path).await;
        maya.picture(name).await;
    }
}

async fn sign_out(maya: &Browser) {
    maya.press("Your account").await;
    maya.go("Sign out").await;
    maya.see("You are signed out.").await;
    assert_eq!(maya.path().await, "/auth/login");
    maya.picture("sign-in").await;
    maya.open("/user_dashboard").await;
    assert_eq!(maya.path().await, "/auth/login");
}

/// Over https the cookie can't be read or set by anybody but this very host.
async fn the_same_over_https(stack: &Stack) {
    let maya = Browser::start(stack.https()).await;
    maya.open("/auth/login").await;
    maya.type_in("User name or e-mail address", EMAIL).await;
    maya.type_in("Password", "wrong password").await;
    maya.go("Sign in").await;
    maya.see("do not match an account").await;
    maya.picture("sign-in-again").await;
    maya.type_in("Password", PASSWORD).await;
    maya.go("Sign in").await;
    maya.see("$231.01").await;
    assert_eq!(
        maya.cookies().await,
        [("__Host-batchtrack".to_owned(), true)]
    );
    maya.open("/products/").await;
    maya.go("Lavender Bar").await;
    maya.type_in("How many", "18").await;
    maya.go("Record the sale").await;
    maya.see("0 ct").await;
    maya.go("Undo").await;
    maya.see("18 ct").await;
    maya.must_be_content().await;
    sign_out(&maya).await;
    maya.quit().await;
}
