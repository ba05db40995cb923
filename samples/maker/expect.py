#!/usr/bin/env python3
"""Works out expected.json from the three CSV files, by the rules alone and by none of our code.

Fractions are exact; a quantity is rounded once, half up, to the millionth of its base unit. Stock
leaves first in, first out: a lot of quantity Q worth V gives q of it for V*q//Q, and whoever takes
the last takes all the value that is left. A batch becomes one lot, worth all that went into it.

    samples/maker/expect.py [folder] > expected.json
"""
import csv
import json
import sys
from fractions import Fraction as F
from pathlib import Path

MASS, VOLUME, COUNT, LENGTH = "mass", "volume", "count", "length"
UNITS = {  # What one of it is in grams, millilitres, pieces or centimetres.
    "g": (MASS, "1"), "kg": (MASS, "1000"), "oz": (MASS, "28.3495"), "lb": (MASS, "453.592"),
    "ml": (VOLUME, "1"), "l": (VOLUME, "1000"), "tsp": (VOLUME, "4.92892"), "tbsp": (VOLUME, "14.7868"),
    "floz": (VOLUME, "29.5735"), "cup": (VOLUME, "236.588"), "pint": (VOLUME, "473.176"),
    "quart": (VOLUME, "946.353"), "gallon": (VOLUME, "3785.41"),
    "count": (COUNT, "1"), "pair": (COUNT, "2"), "dozen": (COUNT, "12"),
    "cm": (LENGTH, "1"), "in": (LENGTH, "2.54"), "ft": (LENGTH, "30.48"), "yard": (LENGTH, "91.44"),
    "m": (LENGTH, "100"),
}


def micros(exact):
    """Half up, to whole millionths."""
    twice = exact * 2_000_000
    return int((twice + 1) // 2)


class Item:
    def __init__(self, dimension, density=None):
        self.dimension, self.density, self.lots = dimension, density, []

    def stock(self, quantity, unit, scale="1"):
        dimension, factor = UNITS[unit]
        exact = F(quantity) * F(scale) * F(factor)
        if (dimension, self.dimension) == (VOLUME, MASS):
            exact *= self.density
        elif (dimension, self.dimension) == (MASS, VOLUME):
            exact /= self.density
        elif dimension != self.dimension:
            sys.exit(f"{unit} is no {self.dimension}")
        return micros(exact)

    def take(self, wanted):
        left, out = wanted, 0
        for lot in self.lots:
            taken = min(lot[0], left)
            value = lot[1] if taken == lot[0] else lot[1] * taken // lot[0]
            lot[0], lot[1], left, out = lot[0] - taken, lot[1] - value, left - taken, out + value
            if left == 0:
                break
        if left:
            sys.exit(f"{left} millionths short")
        self.lots = [lot for lot in self.lots if lot[0]]
        return out


def rows(folder, name):
    with open(folder / name, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def main(folder):
    items, bought, gone, events = {}, 0, 0, []
    purchases = rows(folder, "purchases.csv")
    for row in purchases:
        if row["item"] not in items:
            density = F(row["density_g_per_ml"]) if row["density_g_per_ml"] else None
            items[row["item"]] = Item(UNITS[row["unit"]][0], density)
    for row in sorted(purchases, key=lambda row: row["received_at"]):  # Stable: ties as in the file.
        item, cost = items[row["item"]], micros(F(row["total_cost"]))
        item.lots.append([item.stock(row["quantity"], row["unit"]), cost])
        bought += cost

    recipe_lines = {}
    for row in rows(folder, "recipes.csv"):
        recipe_lines.setdefault(row["recipe"], []).append(row)

    for row in rows(folder, "day.csv"):
        what = row["what"]
        if row["action"] == "batch":
            lines = []
            for line in recipe_lines[what]:
                item = items[line["item"]]
                quantity = item.stock(line["quantity"], line["unit"], row["scale"])
                lines.append({"item": line["item"], "quantity_micro": quantity, "value_micro": item.take(quantity)})
            total = sum(line["value_micro"] for line in lines)
            made = items.setdefault(what, Item(UNITS[row["unit"]][0]))
            quantity = made.stock(row["quantity"], row["unit"])
            made.lots.append([quantity, total])
            events.append({"action": "batch", "recipe": what, "scale": row["scale"], "lines": lines,
                           "total_value_micro": total, "made_micro": quantity})
        else:
            item = items[what]
            quantity = item.stock(row["quantity"], row["unit"])
            value = item.take(quantity)
            gone += value
            events.append({"action": row["action"], "item": what, "quantity_micro": quantity, "value_micro": value})

    stock = {name: {"quantity_micro": sum(lot[0] for lot in item.lots), "value_micro": sum(lot[1] for lot in item.lots)}
             for name, item in items.items()}
    if bought != gone + sum(held["value_micro"] for held in stock.values()):
        sys.exit("value was lost")
    return {"events": events, "stock": stock, "bought_micro": bought, "gone_micro": gone}


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    json.dump(main(folder), sys.stdout, indent=1, ensure_ascii=False)
    print()
