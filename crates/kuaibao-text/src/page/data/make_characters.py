#!/usr/bin/env python3
"""Makes characters.txt: python3 make_characters.py > characters.txt

Needs perl, whose Unicode tables have the property Equivalent_Unified_Ideograph (radicals). The
canonical mappings of compatibility ideographs are Python's; vertical forms are those of the list.
"""
import subprocess
import unicodedata

PERL = (
    "use Unicode::UCD 'charprop'; binmode STDOUT, ':utf8'; for my $c (0x2e80..0x2fd5) "
    "{ my $e = charprop($c, 'Equivalent_Unified_Ideograph'); print chr($c), $e if length($e // '') == 1; }"
)
VERTICAL = "︐，︑、︒。︓：︔；︕！︖？︗〖︘〗︙…︱—︲–︵（︶）︷{︸}︹〔︺〕︻【︼】︽《︾》︿〈﹀〉﹁「﹂」﹃『﹄』﹇[﹈]"


def main():
    print("# Forms of characters that fonts and old encodings have, each with the character meant.")
    print("# Made by make_characters.py; a pair a form, the form first.")
    for name, pairs in [
        ("vertical punctuation", VERTICAL),
        ("radicals", subprocess.run(["perl", "-e", PERL], capture_output=True, check=True).stdout.decode()
         # Two characters, by the text: characters.rs.
         .replace("⼾戶", "")),
        ("compatibility ideographs", "".join(
            chr(c) + unicodedata.normalize("NFC", chr(c))
            for block in (range(0xF900, 0xFB00), range(0x2F800, 0x2FA20))
            for c in block
            if len(unicodedata.normalize("NFC", chr(c))) == 1 and unicodedata.normalize("NFC", chr(c)) != chr(c)
        )),
    ]:
        print(f"# {name}")
        for at in range(0, len(pairs), 64):
            print(pairs[at : at + 64])


if __name__ == "__main__":
    main()
